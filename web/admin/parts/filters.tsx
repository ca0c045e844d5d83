// The filters above the presences: those to type and to choose, and those that are set, to take away. Knows no query.

import { FILTERS, setIn, shown } from "../filters";
import type { Params } from "../place";
import { Choice, Field } from "./form";

export function Filters({ params, change, live }: { params: Params; change: (change: Params) => void; live: boolean }) {
    const set = setIn(params);
    const takeAway = (name: string) => {
        change({ [name]: "" });
        // The button with the focus goes; the focus stays with its filter.
        document.querySelector<HTMLElement>(`[role="search"] [name="${name}"]`)?.focus();
    };
    const none = Object.fromEntries(FILTERS.map(({ name }) => [name, ""]));
    return (
        <>
            <div class="row" role="search" aria-label="Filters">
                {FILTERS.map(({ name, label, choices }) => {
                    const input = (event: Event) => change({ [name]: (event.target as HTMLInputElement).value });
                    const value = params[name] ?? "";
                    return choices
                        ? <Choice key={name} name={name} label={label} choices={choices} value={value} onChange={input} />
                        : <Field key={name} name={name} label={label} type="search" value={value} onInput={input} />;
                })}
                <p class={live ? "live" : "soft"} role="status">{live ? "Live" : "Not connected"}</p>
            </div>
            {set.length > 0 && (
                <ul class="chips" aria-label="Filters that are set">
                    {set.map((one) => (
                        <li key={one.filter.name}>
                            <button class="chip" onClick={() => takeAway(one.filter.name)}>
                                <span class="unseen">Take away: </span>{one.filter.label}: {shown(one)}
                                <span aria-hidden="true"> ×</span>
                            </button>
                        </li>
                    ))}
                    <li><button class="link" onClick={() => change(none)}>Clear all</button></li>
                </ul>
            )}
        </>
    );
}
