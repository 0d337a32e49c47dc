/** Whether a text is of a format that schemas may ask for; unknown formats ask for nothing. */
export function hasFormat(text: string, format: string): boolean {
  return FORMATS[format.replaceAll("-", "")]?.test(text) ?? true;
}

const OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = `${OCTET}(\\.${OCTET}){3}`;
const DATE = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])";
const IPV6 = /^(?=.*:)[0-9a-f:]{2,39}(\d+(\.\d+){3})?$/i;

const whole = (pattern: string): RegExp => new RegExp(`^(${pattern})$`, "i");

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation */
const FORMATS: Readonly<Partial<Record<string, RegExp>>> = {
  byte: whole("([a-z0-9+/]{4})*([a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?"),
  date: whole(DATE),
  datetime: whole(`${DATE}[t ]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(z|[+-]\\d{2}:\\d{2})`),
  duration: whole(
    "([+-]?(\\d+(\\.\\d*)?(ns|us|µs|ms|s|m|h))+)|\\d+ *(ns|us|ms|s|m|h|d|w|second|minute|hour|day|week)s?",
  ),
  email: whole("[^@\\s]+@[^@\\s]+"),
  hostname: whole("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*"),
  ipv4: whole(IPV4),
  ipv6: IPV6,
  cidr: whole(`${IPV4}/([12]?\\d|3[0-2])|[0-9a-f:]+/\\d{1,3}`),
  mac: whole("[0-9a-f]{2}([:-][0-9a-f]{2}){5}"),
  uri: whole("[a-z][a-z0-9+.-]*:.+|/.*"),
  uuid: whole("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"),
};
