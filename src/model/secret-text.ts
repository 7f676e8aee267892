/** What stands where something was taken out. */
export const REDACTED = '[redacted]'

/** Texts that let somebody in: bearer tokens, signed URLs, keys. Each form as its issuer documents it. */
const SECRET_TEXT = new RegExp(
  [
    String.raw`k8s-aws-v1\.[\w-]{8,}`,
    String.raw`eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*`,
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
    String.raw`\bgh[pousr]_\w{30,}`,
    String.raw`\bgithub_pat_\w{22,}`,
    String.raw`\bglpat-[\w-]{20,}`,
    String.raw`\bxox[abeprs]-[\w-]{10,}`,
    String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`,
    String.raw`(?<=\bBearer )[\w.~+/=-]{8,}`,
    String.raw`(?<=X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"']+`,
    String.raw`(?<=://[^\s/:@]+:)[^\s/@]+(?=@)`,
    String.raw`(?<=\b(?:password|passwd|secret|token|api[_-]?key|secret_access_key)["']?\s*[=:]\s*["']?)[^\s"',;&]{6,}`,
  ].join('|'),
  'gi',
)

/** The shortest of those forms: `://u:p@`. */
const SHORTEST = 7

/** Times, addresses, uids and digests, which are most of the texts that differ from object to object: none of those forms is made of these alone. */
const PLAIN = /^[\da-f.:TZ+-]*$/

/** Texts in which nothing was found, lately: the objects of a cluster say the same things again and again. */
const harmless = new Set<string>()
const MOST_HARMLESS = 10_000
const LONGEST_HARMLESS = 200

/** A text without what looks like a token, key or password. */
export function redactText(text: string): string {
  if (text.length < SHORTEST || PLAIN.test(text) || harmless.has(text)) return text
  const made = text.replace(SECRET_TEXT, REDACTED)
  if (made === text && text.length <= LONGEST_HARMLESS) {
    if (harmless.size >= MOST_HARMLESS) harmless.clear()
    harmless.add(text)
  }
  return made
}
