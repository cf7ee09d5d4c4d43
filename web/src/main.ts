import { mount } from "svelte";
import "./frame/tokens.css";
import "./frame/base.css";
import App from "./frame/App.svelte";
import { applySettings } from "./state/settings.svelte";

applySettings();
const target = document.getElementById("page");
if (!target) throw new Error("index.html has no #page");
mount(App, { target });
