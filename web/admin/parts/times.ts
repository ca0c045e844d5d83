// Times for people.

export const time = (iso: string) => (iso ? new Date(iso).toLocaleString() : "");

export function within(iso: string, now: number): string {
    const seconds = Math.round((Date.parse(iso) - now) / 1000);
    if (!iso || Number.isNaN(seconds)) return "";
    if (seconds <= 0) return "now";
    if (seconds < 120) return `${seconds} s`;
    if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
    if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86_400)} d`;
}
