// What is asked of the server, and the settings, which are in the address of the page.
import { tongue } from "./lang.js";

const token = document.querySelector('meta[name="preau-token"]').content;

/** The words of the page that are no settings of a run. */
const OWN = ["lang", "lesson", "answer"];

const params = new URLSearchParams(location.search);
if (["fr", "en"].includes(params.get("lang"))) tongue.code = params.get("lang");

/** An answer that is a refusal: its status and why. */
class Refused extends Error {
  constructor(status, problems, why) {
    super(problems.join("\n"));
    Object.assign(this, { status, problems, why });
  }
}

/** Asks; gives the object of the answer. */
export async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  const text = await answer.text();
  let object = null;
  try {
    object = JSON.parse(text);
  } catch {
    object = { problems: [text || answer.statusText] };
  }
  if (!answer.ok) throw new Refused(answer.status, object.problems ?? [answer.statusText], object.why);
  return object;
}

/** What such a request carries. */
export const sending = (body = "") => ({ method: "POST", headers: { "x-preau-token": token, "content-type": "text/plain;charset=utf-8" }, body });

/** Asks for something that changes what the server holds. */
export const send = (path, body = "") => ask(path, sending(body));

/** The settings as a query: the same words in the address, in an order for a run and in a saved model. */
export function query() {
  const own = new URLSearchParams(params);
  for (const key of OWN) own.delete(key);
  return own.toString();
}

export const setting = (key) => params.get(key);
export const settingKeys = () => [...params.keys()];

function show() {
  const text = params.toString();
  history.replaceState(null, "", text ? "?" + text : location.pathname);
}

/** Sets one setting, or takes it away. */
export function set(key, value) {
  if (value === null) params.delete(key);
  else params.set(key, String(value));
  show();
}

/** Takes other settings altogether; what is the page's own stays. Lessons and links choose by this. */
export function choose(text) {
  const wanted = new URLSearchParams(text);
  for (const key of [...params.keys()]) if (!OWN.includes(key)) params.delete(key);
  for (const [key, value] of wanted) if (!OWN.includes(key)) params.set(key, value);
  show();
}
