/** Codes of errors that mean: no answer came. Node's own, undici's and the AWS SDK's. */
const NO_ANSWER =
  /^(E(CONN\w+|NOTFOUND|AI_AGAIN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|PROTO)|UND_ERR_\w+|TimeoutError|AbortError|RequestTimeout\w*|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|HPE_\w+)$/

/** Codes of errors that came before anything was sent, so a mutation cannot have happened. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/

/** The code of a network failure, looked for along the chain of causes; undefined when it is none. */
export function networkFailure(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = codesOf(at).find((text) => NO_ANSWER.test(text))
    if (code !== undefined) return code
  }
  return undefined
}

/** Whether a failed request can never have reached its server. */
export function neverSent(code: string): boolean {
  return NOT_SENT.test(code)
}

function codesOf(error: Error): readonly string[] {
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? [code, error.name] : [error.name]
}
