/** Asking the service about features: JSON there and back, the secret of the session with writes. */

/** What the service refused; `status` is 0 where it could not be reached. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {Object} problem what the service said (RFC 9457)
   */
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
  }
}

/**
 * Ask for, or write, a feature.
 * @param {string} url
 * @param {{method?: string, body?: Object, csrf?: string, language?: string}} [options]
 * @returns {Promise<Object>} the answer
 * @throws {Refusal}
 */
export async function ask(url, { method = "GET", body, csrf, language } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (csrf && method !== "GET") headers["X-CSRF-Token"] = csrf;
  const address = language === "en" ? `${url}${url.includes("?") ? "&" : "?"}lang=en` : url;
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new Refusal(0, {});
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, said);
  return said;
}
