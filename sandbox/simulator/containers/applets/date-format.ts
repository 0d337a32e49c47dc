const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** strftime in UTC, the C locale. */
export function formatDate(ms: number, format: string): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const iso = date.toISOString();
  const day = DAYS[date.getUTCDay()] ?? "";
  const month = MONTHS[date.getUTCMonth()] ?? "";
  const hours12 = date.getUTCHours() % 12 || 12;
  const dayOfYear =
    Math.floor(
      (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) /
        86_400_000,
    ) + 1;
  const values: Readonly<Record<string, string>> = {
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    C: iso.slice(0, 2),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    e: String(date.getUTCDate()).padStart(2),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    I: two(hours12),
    k: String(date.getUTCHours()).padStart(2),
    l: String(hours12).padStart(2),
    p: date.getUTCHours() < 12 ? "AM" : "PM",
    N: `${iso.slice(20, 23)}000000`,
    s: String(Math.floor(ms / 1000)),
    a: day.slice(0, 3),
    A: day,
    b: month.slice(0, 3),
    h: month.slice(0, 3),
    B: month,
    j: String(dayOfYear).padStart(3, "0"),
    u: String(date.getUTCDay() || 7),
    w: String(date.getUTCDay()),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    R: iso.slice(11, 16),
    D: `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(2, 4)}`,
    c: `${day.slice(0, 3)} ${month.slice(0, 3)} ${String(date.getUTCDate()).padStart(2)} ${iso.slice(11, 19)} ${iso.slice(0, 4)}`,
    Z: "UTC",
    z: "+0000",
    n: "\n",
    t: "\t",
    "%": "%",
  };
  return format.replace(/%[-_0]?([a-zA-Z%])/g, (whole, letter: string) => {
    const value = values[letter];
    if (value === undefined) return whole;
    return whole[1] === "-" ? value.replace(/^[0 ]+(?=.)/, "") : value;
  });
}
