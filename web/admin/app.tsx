/** The whole page. */
export function App() {
    return <h1>Herenow</h1>;
}
