// One project: its counters, and what the tab in the address names.

import { useEffect, useMemo, useState } from "preact/hooks";

import { part, passes, projectCall, reason, type Row } from "../api";
import { Here } from "./here";
import { Keys } from "./keys";
import { Platforms } from "./platforms";
import { Settings } from "./settings";
import { Teams } from "./teams";
import { Users } from "./users";
import { Webhooks } from "./webhooks";

const TABS = {
    here: "Here now", users: "Users", teams: "Teams", keys: "Keys", platforms: "Platforms", webhooks: "Webhooks", settings: "Settings",
};
const BELONGINGS = { users: Users, teams: Teams, keys: Keys, platforms: Platforms, webhooks: Webhooks };
const LOOK_EVERY_MS = 2_000;

export function Project({ id, tab }: { id: string; tab: string }) {
    const call = useMemo(() => projectCall(id), [id]);
    const [project, setProject] = useState<Row>();
    const [wrong, setWrong] = useState("");
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const look = () =>
            call("get", "/project").then((found) => {
                setProject(found);
                setWrong("");
            }, (error) => {
                setWrong(reason(error));
                if (passes(error)) timer = setTimeout(look, LOOK_EVERY_MS);
            });
        void look();
        return () => clearTimeout(timer);
    }, [call]);
    const Belongings = BELONGINGS[tab as keyof typeof BELONGINGS];
    if (wrong) return <p class="wrong" role="alert">{wrong}</p>;
    if (!project) return <p class="waiting">Loading…</p>;
    return (
        <>
            <h1>{project.name}</h1>
            <p class="soft"><code>{id}</code></p>
            <nav class="tabs" aria-label="Parts of the project">
                {Object.entries(TABS).map(([name, title]) => (
                    <a key={name} href={`#/project/${part(id)}/${name}`} aria-current={name === tab ? "page" : undefined}>
                        {title}
                    </a>
                ))}
            </nav>
            {tab === "here" && <><Counters call={call} /><Here id={id} call={call} /></>}
            {tab === "settings" && <Settings call={call} project={project} changed={setProject} />}
            {Belongings && <Belongings key={tab} call={call} />}
        </>
    );
}

type Stats = {
    presences: number;
    connections: number;
    subscriptions: number;
    eventsPerSecond: number;
    minutes: { timestamp: string; presences: number; connections: number; events: number }[];
};

function Counters({ call }: { call: ReturnType<typeof projectCall> }) {
    const [stats, setStats] = useState<Stats>();
    const [wrong, setWrong] = useState("");
    useEffect(() => {
        // It is asked again in any case; until an answer comes, the old numbers are said to be old.
        const look = () =>
            call("get", "/herenow/stats").then((found) => {
                setStats(found);
                setWrong("");
            }, (error) => setWrong(reason(error)));
        void look();
        const timer = setInterval(() => document.hidden || void look(), LOOK_EVERY_MS);
        return () => clearInterval(timer);
    }, [call]);
    if (!stats) return wrong ? <p class="wrong" role="alert">{wrong}</p> : <p class="waiting">Loading…</p>;
    const numbers = [
        ["presences", stats.presences],
        ["connections", stats.connections],
        ["subscriptions", stats.subscriptions],
        ["events per second", stats.eventsPerSecond],
    ] as const;
    return (
        <section class="counters" aria-label="Counters">
            {wrong && <p class="wrong wide" role="alert">{wrong} These numbers are old.</p>}
            <dl>
                {numbers.map(([name, number]) => (
                    <div key={name}><dt>{name}</dt><dd>{number.toLocaleString()}</dd></div>
                ))}
            </dl>
            <Chart minutes={stats.minutes} />
        </section>
    );
}

function Chart({ minutes }: { minutes: Stats["minutes"] }) {
    const most = Math.max(1, ...minutes.map(({ presences }) => presences));
    const bars = minutes.map(({ presences }, place) => {
        const height = (presences / most) * 60;
        return <rect key={place} x={place * 5} y={60 - height} width={4} height={height} />;
    });
    return (
        <figure>
            <svg viewBox="0 0 300 60" preserveAspectRatio="none" role="img" aria-label={`Presences over the last hour, ${most.toLocaleString()} at the most`}>
                {bars}
            </svg>
            <figcaption class="soft">Presences over the last hour, at most {most.toLocaleString()}</figcaption>
        </figure>
    );
}
