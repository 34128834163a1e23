/** The page of reports while one is built: how far that is, and the page again at its end. */
import { follow } from "./follow.js";
import "./chrome.js";

const job = document.querySelector("[data-geosvc=progress]")?.dataset.job;
if (job) follow(job);
