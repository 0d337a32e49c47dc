import messages from "@/content/messages/en.json";

export type MessageKey = keyof typeof messages;

/** Keys that exist as `<base>.one` and `<base>.other`. */
export type PluralKey = MessageKey extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;

const plurals = new Intl.PluralRules("en");

/** The text of `key` with `{name}` replaced by `values.name`. Every word a person reads in the interface comes from here. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

/** The text for `count` things; `{count}` is filled in. */
export function plural(key: PluralKey, count: number, values: Record<string, string | number> = {}): string {
  const exact = `${key}.${plurals.select(count)}`;
  return t(isMessageKey(exact) ? exact : `${key}.other`, { count, ...values });
}

/** The key `prefix.code` when the catalogue has it, else the fallback: codes come from other processes, maybe newer ones. */
export function keyFor(prefix: string, code: string, fallback: MessageKey): MessageKey {
  const key = `${prefix}.${code}`;
  return isMessageKey(key) ? key : fallback;
}

export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(messages, key);
}
