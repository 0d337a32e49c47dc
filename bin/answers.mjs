import { request } from "node:http";

/** Whether a process answers 200 there; false when nothing does within two seconds. Takes the options of `http.request`. */
export function answers(target) {
  return new Promise((resolve) => {
    const asked = request({ ...target, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
