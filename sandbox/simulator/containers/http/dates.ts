/** `Sat, 21 Nov 2026 07:44:31 GMT` */
export const httpDate = perSecond((date) => date.toUTCString());

/** `21/Nov/2026:07:44:31 +0000`, the time of access logs. */
export const commonTime = perSecond((date) => {
  const [, day = "", month = "", year = "", time = ""] = /, (\d+) (\w+) (\d+) (\S+)/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
});

const KEPT_SECONDS = 16;

/** A busy server writes the same few seconds again and again: their texts are kept. */
function perSecond(format: (date: Date) => string): (ms: number) => string {
  const texts = new Map<number, string>();
  return (ms) => {
    const second = Math.floor(ms / 1000);
    let text = texts.get(second);
    if (text === undefined) {
      if (texts.size >= KEPT_SECONDS) texts.clear();
      texts.set(second, (text = format(new Date(second * 1000))));
    }
    return text;
  };
}
