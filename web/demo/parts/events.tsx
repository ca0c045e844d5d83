// The events as they come.

import type { Journal } from "../journal";

export function Events({ journal }: { journal: Journal }) {
    return (
        <section class="panel events" aria-labelledby="events-title">
            <div class="panel-head">
                <h2 id="events-title">Events</h2>
                <span class="count">{journal.total} received</span>
            </div>
            <p class="hint">One subscription to the channel presences. Events of one kind in a row share a line.</p>
            {/* Scrolls, so it can be reached with the keyboard. */}
            <ol tabIndex={0} aria-label="Events, newest first">
                {journal.entries.map((entry) => (
                    <li key={entry.key} class={`event ${entry.action}`}>
                        <time dateTime={entry.time}>{clock(entry.time)}</time>
                        <code>{entry.action}</code>
                        <span class="event-what">
                            <span class={`spot c${entry.colour}`} aria-hidden="true" />
                            <b>{entry.name}</b> {entry.what}
                        </span>
                        {entry.times > 1 && <span class="times">×{entry.times}</span>}
                    </li>
                ))}
            </ol>
        </section>
    );
}

function clock(time: string): string {
    return new Date(time).toLocaleTimeString([], { hour12: false });
}
