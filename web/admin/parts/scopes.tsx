// Choosing what a key may do: by a button for what most keys are, or one by one. Knows no key.

import { useRef } from "preact/hooks";

import { GROUPS, OTHERS, PRESETS } from "../scopes";
import { Check } from "./form";

export function Scopes({ chosen }: { chosen: string[] }) {
    const all = useRef<HTMLDivElement>(null);
    const choose = (scopes: string[]) => {
        for (const box of all.current!.querySelectorAll("input")) box.checked = scopes.includes(box.value);
    };
    const boxes = (scopes: string[]) => scopes.map((scope) => (
        <Check key={scope} name="scopes" value={scope} label={scope} checked={chosen.includes(scope)} />
    ));
    return (
        <div class="scopes" ref={all}>
            <p role="group" aria-label="Common choices of scopes">
                {PRESETS.map(([name, scopes]) => (
                    <button key={name} type="button" class="chip" onClick={() => choose(scopes)}>{name}</button>
                ))}
            </p>
            {GROUPS.map(([title, scopes]) => (
                <fieldset key={title}>
                    <legend>{title}</legend>
                    {boxes(scopes)}
                </fieldset>
            ))}
            <details>
                <summary>Scopes that open nothing on this server</summary>
                <fieldset>
                    <legend>Known for clients of Appwrite</legend>
                    {boxes(OTHERS)}
                </fieldset>
            </details>
        </div>
    );
}
