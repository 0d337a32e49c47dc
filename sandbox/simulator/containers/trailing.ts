/** `text` without the `char`s at its end. A pattern such as `x+$` would look at each run of them in the middle again and again. */
export function withoutTrailing(text: string, char: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === char) end--;
  return text.slice(0, end);
}
