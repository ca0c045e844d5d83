// The code behind each thing.

import { SAMPLES } from "../samples";

export function Code() {
    return (
        <section class="panel code" aria-labelledby="code-title">
            <div class="panel-head">
                <h2 id="code-title">The code behind it</h2>
                <span class="count">npm appwrite, unmodified</span>
            </div>
            {SAMPLES.map((sample, index) => (
                <details key={sample.title} name="samples" open={index === 0}>
                    <summary>{sample.title}</summary>
                    <p>{sample.what}</p>
                    <pre tabIndex={0} aria-label={`Code: ${sample.title}`}>
                        <code>{sample.code}</code>
                    </pre>
                </details>
            ))}
        </section>
    );
}
