// One presence: who holds it and where they come from, and what happened to it of late.

import { useEffect, useState } from "preact/hooks";

import { type Call, isMissing, part, reason } from "../api";
import { Dialog } from "./form";
import { time, within } from "./times";

type Found = { holders: any[]; holdersTotal: number; events: any[]; eventsTotal: number };

export function Detail({ id, call, now, close }: { id: string; call: Call; now: number; close: () => void }) {
    const [found, setFound] = useState<Found>();
    const [wrong, setWrong] = useState("");
    const path = `/herenow/presences/${part(id)}`;
    const load = async () => {
        // One that has just ended has no holders, and still its events.
        const none = { total: 0, holders: [] };
        const holders = await call("get", `${path}/holders`).catch((error) => {
            if (isMissing(error)) return none;
            throw error;
        });
        const events = await call("get", `${path}/events`);
        setFound({ holders: holders.holders, holdersTotal: holders.total, events: events.events, eventsTotal: events.total });
    };
    useEffect(() => {
        load().catch((error) => setWrong(reason(error)));
    }, [id]);
    const older = async () => {
        const before = found!.events.at(-1).seq;
        const page = await call("get", `${path}/events`, { before });
        setFound({ ...found!, events: page.events });
    };
    return (
        <Dialog title={`Presence ${id}`} close={close}>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            {found && (
                <>
                    <h3>Held by {found.holdersTotal}</h3>
                    <ul class="holders">
                        {found.holders.map((holder) => (
                            <li key={holder.kind + holder.connectionId}>
                                <strong>{holder.kind === "rest" ? "A lease over HTTP" : "A socket"}</strong>
                                {holder.shows && " (shows)"}
                                {holder.inGrace && " (lost, may come back)"}: “{holder.status}”
                                <span class="soft">
                                    {holder.since && ` since ${time(holder.since)}`}
                                    {holder.endsAt && `, ends in ${within(holder.endsAt, now)}`}
                                    {holder.ip && `, from ${holder.ip}`}
                                    {holder.userAgent && `, ${holder.userAgent}`}
                                </span>
                            </li>
                        ))}
                    </ul>
                    <h3>Recent events</h3>
                    <ol class="events">
                        {found.events.map((event) => (
                            <li key={event.seq}>
                                <code>{event.event === "none" ? "unseen change" : event.event}</code>{" "}
                                {event.presence.status}{" "}
                                <span class="soft">{time(event.timestamp)}, {event.holders} holding it after</span>
                            </li>
                        ))}
                    </ol>
                    {found.eventsTotal > 25 && found.events.length === 25
                        && <button class="button quiet" onClick={() => older().catch((error) => setWrong(reason(error)))}>Older</button>}
                </>
            )}
            <p class="actions"><button class="button quiet" onClick={close} autofocus>Close</button></p>
        </Dialog>
    );
}
