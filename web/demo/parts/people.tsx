// Who is here, and how to be two people.

import { initials, type Person } from "../person";
import type { Room } from "../room";

const LINKS = {
    opening: "connecting",
    lost: "connection lost, trying again",
    refused: "this session has ended: leave, and join again",
};
const WORDS = { online: "online", away: "away", typing: "typing" } as const;

export function People({ room }: { room: Room }) {
    const everybody = [...room.people.values()].sort((one, other) => order(room, one) - order(room, other) || (one.name < other.name ? -1 : 1));
    const viewing = everybody.filter((person) => person.page === location.pathname).length;
    return (
        <section class="people" aria-labelledby="people-title">
            <h2 id="people-title">
                {viewing === 1 ? "1 person is" : `${viewing} people are`} viewing this page
                {room.link !== "open" && <span class="link-state">{LINKS[room.link]}</span>}
            </h2>
            <ul>
                {everybody.map((person) => (
                    <li key={person.userId} class={`person c${person.colour} ${person.status}`} data-name={person.name}>
                        <span class="avatar" aria-hidden="true">
                            {initials(person.name)}
                        </span>
                        <span class="person-text">
                            <span class="person-name">
                                {person.name}
                                {person.userId === room.userId && <span class="you"> (you)</span>}
                            </span>
                            <span class="person-status">
                                {WORDS[person.status]}
                                {person.status === "typing" && <span class="dots" aria-hidden="true" />}
                            </span>
                        </span>
                    </li>
                ))}
            </ul>
            {everybody.length < 2 && (
                <p class="hint">
                    You are alone. Open this page in a private window, another browser or on another device, and be somebody else
                    there. A second tab of this browser is still you: a tab is not a person.
                </p>
            )}
        </section>
    );
}

function order(room: Room, person: Person): number {
    return person.userId === room.userId ? 0 : 1;
}
