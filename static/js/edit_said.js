/** What is to be said on the page that follows: a write loads the page anew. */
const SAID = "geosvc-edit-said";

/** Keep a sentence for the next page. */
export function keepSaid(text) {
  try {
    sessionStorage.setItem(SAID, text);
  } catch {
    // nothing is kept in this window: it was done, only not said
  }
}

/** Return what the page before this one left to say, once. */
export function takeSaid() {
  try {
    const text = sessionStorage.getItem(SAID);
    sessionStorage.removeItem(SAID);
    return text ?? "";
  } catch {
    return "";
  }
}
