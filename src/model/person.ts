/**
 * Whether two names, such as `lena@laptop/4711` and `lena@build-7/12`, are one person's as far as can be told: machine and
 * process do not make another person. Where many share one account, SERIN_USER tells them apart.
 */
export function samePerson(a: string, b: string): boolean {
  return nameOf(a) === nameOf(b)
}

function nameOf(identity: string): string {
  return (identity.split('@')[0] ?? identity).trim().toLowerCase()
}
