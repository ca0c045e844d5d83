// The events that came, newest first. Events of one kind from one person that follow each other share an entry.

const ENTRIES_MAX = 40;

/** An event, in a few words. */
export interface Heard {
    action: string;
    name: string;
    colour: number;
    what: string;
    time: string;
}

export interface Entry extends Heard {
    key: number;
    times: number;
}

export class Journal {
    entries: Entry[] = [];
    /** How many events came in all. */
    total = 0;

    add(heard: Heard): void {
        this.total += 1;
        const [last, ...older] = this.entries;
        const same = last?.name === heard.name && last.action === heard.action && last.what === heard.what;
        if (last && same) {
            this.entries = [{ ...last, time: heard.time, times: last.times + 1 }, ...older];
        } else {
            this.entries = [{ ...heard, key: this.total, times: 1 }, ...this.entries].slice(0, ENTRIES_MAX);
        }
    }
}
