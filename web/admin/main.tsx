import "../shared/base.css";
import "./admin.css";

import { render } from "preact";

import { App } from "./app";

render(<App />, document.getElementById("page")!);
