// The fenced blocks of a page. Knows Markdown's fences and nothing of languages.

const FENCE = /^\s*```(.*)$/;

/** All blocks of a page, in order: language, line (of the opening fence), text. */
export function blocksOf(markdown) {
    const blocks = [];
    let open;
    for (const [index, line] of markdown.split("\n").entries()) {
        const fence = FENCE.exec(line);
        if (fence && open) {
            blocks.push({ ...open, text: open.lines.join("\n") });
            open = undefined;
        } else if (fence) {
            open = { language: fence[1].trim(), line: index + 1, lines: [] };
        } else {
            open?.lines.push(line);
        }
    }
    if (open) throw new Error(`the block that begins in line ${open.line} does not end`);
    return blocks;
}

/** The targets of a page's links; what stands in blocks or code is no link. */
export function linksOf(markdown) {
    const prose = markdown.replace(/^\s*```[\s\S]*?^\s*```\s*$/gm, "").replace(/`[^`\n]*`/g, "`");
    return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
}

/** The anchors that a page's headings make, as GitHub names them. */
export function anchorsOf(markdown) {
    const prose = markdown.replace(/^\s*```[\s\S]*?^\s*```\s*$/gm, "");
    const headings = [...prose.matchAll(/^#{1,6} (.*)$/gm)];
    return headings.map(([, text]) => text.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}
