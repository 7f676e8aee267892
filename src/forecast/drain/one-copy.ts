/** So many different texts are remembered; then it begins anew, and equal texts are merely compared once more. */
const MOST = 4_000

const copies = new Map<string, string>()

/** The same text, and of equal ones the same copy: what is looked up by it thousands of times is then found without reading it. */
export function oneCopy(text: string): string {
  const known = copies.get(text)
  if (known !== undefined) return known
  if (copies.size >= MOST) copies.clear()
  copies.set(text, text)
  return text
}
