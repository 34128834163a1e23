/** A job on its way: how far it is, a button that stops it, and the page again at its end. */
import { ask } from "./edit_send.js";

const POLL_MS = 1000;
const SLOW_MS = 5000;
const OPEN = ["queued", "running"];

/** Whether a job still waits or runs. */
export function isOpen(job) {
  return OPEN.includes(job.state);
}

/**
 * Ask how far a job is until it has ended; then the page is loaded with its result. What cannot be
 * reached is asked again later. A page without a place for sentences, or without a button, does
 * without them.
 * @param {string} url of the job
 * @param {{csrf?: string, offline?: string, seen?: (job: Object) => void}} [options] the secret of
 *   the session, what is said while the service cannot be reached, and who looks at each answer
 */
export function follow(url, { csrf, offline = "", seen = () => {} } = {}) {
  const [bar, percent, said, form] = ["progress", "percent", "said", "cancel"].map((name) => document.querySelector(`[data-geosvc=${name}]`));
  const tell = (text) => {
    if (said) said.textContent = text;
  };
  const look = async () => {
    let wait = POLL_MS;
    try {
      const job = await ask(url);
      if (!isOpen(job)) {
        location.reload();
        return;
      }
      tell("");
      bar.value = Math.round(100 * job.progress);
      percent.textContent = `${bar.value}%`;
      seen(job);
    } catch (error) {
      tell(error.status ? error.message : offline);
      wait = SLOW_MS;
    }
    setTimeout(look, wait);
  };
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await ask(`${url}/cancel`, { method: "POST", csrf });
    } catch (error) {
      tell(error.status ? error.message : offline);
      button.disabled = false;
    }
  });
  look();
}
