// The shared document: its lines, who is in which, and everybody's cursor above it.

import { useRef } from "preact/hooks";

import type { Person, Spot } from "../person";
import type { Room } from "../room";
import { LINE_MAX, lineName } from "../text";

export function Sheet({ room }: { room: Room }) {
    const sheet = useRef<HTMLElement>(null);
    const others = [...room.people.values()].filter((person) => person.userId !== room.userId);
    return (
        <section
            class="sheet"
            ref={sheet}
            aria-labelledby="sheet-title"
            onPointerMove={(event) => sheet.current && room.setCursor(spot(sheet.current, event))}
            onPointerLeave={() => room.setCursor(null)}
        >
            <h2 id="sheet-title" class="unseen">
                The shared document
            </h2>
            {room.lines.map((line, index) => (
                <SharedLine key={index} room={room} index={index} text={line.text} others={others.filter((person) => person.line === index)} />
            ))}
            <p class="sheet-note">Everybody may change every line. Of two changes of one line the later one stays.</p>
            <div class="cursors" aria-hidden="true">
                {others.map((person) => person.cursor && <Cursor key={person.userId} person={person} spot={person.cursor} />)}
            </div>
        </section>
    );
}

interface LineProps {
    room: Room;
    index: number;
    text: string;
    others: Person[];
}

function SharedLine({ room, index, text, others }: LineProps) {
    const [first] = others;
    const here = others.map((person) => `${person.name} ${person.status === "typing" ? "is typing" : "is here"}`).join(", ");
    return (
        <div class={`line ${index === 0 ? "line-title" : ""} ${first ? `taken c${first.colour}` : ""}`}>
            <textarea
                rows={1}
                aria-label={lineName(index)}
                aria-describedby={`line-${index}-who`}
                maxLength={LINE_MAX}
                spellcheck={false}
                value={text}
                onInput={(event) => room.type(index, event.currentTarget.value)}
                onFocus={() => room.setLine(index)}
                onBlur={() => room.setLine(null)}
                onKeyDown={(event) => {
                    if (event.key !== "Enter" || event.isComposing) return;
                    event.preventDefault();
                    neighbour(event.currentTarget, event.shiftKey ? -1 : 1)?.focus();
                }}
            />
            <span class="line-who" id={`line-${index}-who`}>
                {here}
            </span>
        </div>
    );
}

function Cursor({ person, spot }: { person: Person; spot: Spot }) {
    return (
        <div class={`cursor c${person.colour} ${person.status}`} style={{ left: `${spot.x / 10}%`, top: `${spot.y / 10}%` }}>
            <svg viewBox="0 0 16 20" width="16" height="20">
                <path d="M1 1v15.5l4.2-3.7 2.7 6.2 2.9-1.3-2.7-6h5.6z" />
            </svg>
            <span>{person.name}</span>
        </div>
    );
}

function neighbour(field: HTMLElement, step: 1 | -1): HTMLElement | undefined {
    const fields = [...(field.closest(".sheet")?.querySelectorAll("textarea") ?? [])];
    return fields[fields.findIndex((one) => one === field) + step];
}

function spot(sheet: HTMLElement, event: PointerEvent): Spot {
    const { left, top, width, height } = sheet.getBoundingClientRect();
    const within = (part: number) => Math.min(1000, Math.max(0, Math.round(part * 1000)));
    return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) };
}
