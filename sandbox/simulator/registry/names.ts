/**
 * Whether names, labels and keys are well formed, and the sentences that say why not.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED})?`;
const DNS_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const CONFIG_KEY = "[-._a-zA-Z0-9]+";
const PORT_NAME = /^[-a-z0-9]+$/;

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const labelPattern = whole(LABEL);
const dns1035Pattern = whole(DNS_1035);
const subdomainPattern = whole(SUBDOMAIN);
const wildcardPattern = whole(`\\*\\.${SUBDOMAIN}`);
const qualifiedPattern = whole(QUALIFIED);
const labelValuePattern = whole(LABEL_VALUE);
const configKeyPattern = whole(CONFIG_KEY);

export function subdomainFaults(name: string): string[] {
  return [
    ...lengthFaults(name, 253, "characters"),
    ...(subdomainPattern.test(name)
      ? []
      : [
          explain(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            SUBDOMAIN,
            ["example.com"],
          ),
        ]),
  ];
}

/** `*.example.com`: one star, in place of the first label. */
export function wildcardFaults(name: string): string[] {
  return wildcardPattern.test(name)
    ? []
    : [
        explain(
          "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
          `\\*\\.${SUBDOMAIN}`,
          ["*.example.com"],
        ),
      ];
}

export function labelNameFaults(name: string): string[] {
  return [
    ...lengthFaults(name, 63, "characters"),
    ...(labelPattern.test(name)
      ? []
      : [
          explain(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            LABEL,
            ["my-name", "123-abc"],
          ),
        ]),
  ];
}

/** Names that must start with a letter: versions, Services of old. */
export function dns1035Faults(name: string): string[] {
  return [
    ...lengthFaults(name, 63, "characters"),
    ...(dns1035Pattern.test(name)
      ? []
      : [
          explain(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
            DNS_1035,
            ["my-name", "abc-123"],
          ),
        ]),
  ];
}

/** A path segment: names of RBAC objects. */
export function pathSegmentFaults(name: string): string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((letter) => name.includes(letter)).map((letter) => `may not contain '${letter}'`);
}

/** Label, annotation and taint keys: an optional DNS prefix, then a name. */
export function qualifiedNameFaults(key: string): string[] {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  const faults: string[] = [];
  if (parts.length > 2) {
    return [
      `${explain(
        "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        QUALIFIED,
        ["MyName", "my.name", "123-abc"],
      )} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    if (prefix === "") faults.push("prefix part must be non-empty");
    else faults.push(...subdomainFaults(prefix).map((fault) => `prefix part ${fault}`));
  }
  if (name === "") faults.push("name part must be non-empty");
  else faults.push(...lengthFaults(name, 63, "bytes").map((fault) => `name part ${fault}`));
  if (!qualifiedPattern.test(name)) {
    faults.push(
      explain(
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        QUALIFIED,
        ["MyName", "my.name", "123-abc"],
      ),
    );
  }
  return faults;
}

export function labelValueFaults(value: string): string[] {
  return [
    ...lengthFaults(value, 63, "bytes"),
    ...(labelValuePattern.test(value)
      ? []
      : [
          explain(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            LABEL_VALUE,
            ["MyValue", "my_value", "12345"],
          ),
        ]),
  ];
}

/** Keys of ConfigMaps and Secrets. */
export function configKeyFaults(key: string): string[] {
  if (key === ".") return ["must not be '.'"];
  if (key === "..") return ["must not be '..'"];
  if (key.startsWith("..")) return ["must not start with '..'"];
  return [
    ...lengthFaults(key, 253, "characters"),
    ...(configKeyPattern.test(key)
      ? []
      : [
          explain("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", CONFIG_KEY, [
            "key.name",
            "KEY_NAME",
            "key-name",
          ]),
        ]),
  ];
}

/** IANA service names, as ports are named. */
export function portNameFaults(name: string): string[] {
  const faults: string[] = [];
  if (name.length > 15) faults.push("must be no more than 15 characters");
  if (!PORT_NAME.test(name)) faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) faults.push("must contain at least one letter (a-z)");
  if (name.includes("--")) faults.push("must not contain consecutive hyphens");
  if (name.startsWith("-") || name.endsWith("-")) faults.push("must not begin or end with a hyphen");
  return faults;
}

/** A generateName is judged without its trailing dash. */
export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;
}

// Names are counted in characters, keys and values of labels in bytes: the texts differ, the limits do not.
function lengthFaults(text: string, most: number, unit: "bytes" | "characters"): string[] {
  return text.length > most ? [`must be no more than ${most} ${unit}`] : [];
}

function explain(rule: string, pattern: string, examples: readonly string[]): string {
  const list = examples
    .map((example) => `'${example}', `)
    .join(" or ")
    .replace(/, $/, "");
  return `${rule} (e.g. ${list}, regex used for validation is '${pattern}')`;
}
