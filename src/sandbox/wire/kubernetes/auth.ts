import type { Instant } from '../../../model/instant.ts'
import type { World } from '../../contract.ts'
import { SANDBOX_CREDENTIALS } from '../credentials.ts'
import type { WireRequest } from '../message.ts'
import { signingTime } from '../skew.ts'
import { CLUSTER_HEADER, signatureOf, TOKEN_PREFIX } from './presigned.ts'

const ALLOWED = new Set(
  'Action Version X-Amz-Algorithm X-Amz-Credential X-Amz-Date X-Amz-Expires X-Amz-Security-Token X-Amz-Signature X-Amz-SignedHeaders'.split(
    ' ',
  ),
)

/**
 * Why a request's token is not one of EKS for this cluster, or undefined when it is. A token is `k8s-aws-v1.` and the
 * base64url of a presigned GetCallerIdentity URL. The cluster's name is in no part of it: it is a header that was signed,
 * so only the right name gives the right signature. A token says when it was signed and for at most 15 minutes; whether these are over
 * is not judged, since the world's clock is not the signer's.
 * Source: kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go; Signature Version 4 in the AWS documentation.
 */
export function tokenProblem(world: World, request: WireRequest): string | undefined {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return 'no bearer token'
  if (!token.startsWith(TOKEN_PREFIX)) return `the token does not begin with ${TOKEN_PREFIX}`
  const url = urlOf(token.slice(TOKEN_PREFIX.length))
  return url === undefined ? 'the token holds no URL' : urlProblem(world.cluster.name, url)
}

/** When the token of a request was signed, if it says so. */
export function signedAt(request: WireRequest): Instant | undefined {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  return signingTime(urlOf(token.slice(TOKEN_PREFIX.length))?.searchParams.get('X-Amz-Date'))
}

function urlOf(encoded: string): URL | undefined {
  const text = Buffer.from(encoded, 'base64url').toString()
  return URL.canParse(text) ? new URL(text) : undefined
}

const verdicts = new Map<string, string | undefined>()

/** Judging a token costs half a dozen hashes and every request carries one, so verdicts are kept. */
function urlProblem(cluster: string, url: URL): string | undefined {
  const key = `${cluster} ${url.href}`
  if (!verdicts.has(key)) {
    if (verdicts.size > 100) verdicts.clear()
    verdicts.set(key, judge(cluster, url))
  }
  return verdicts.get(key)
}

function judge(cluster: string, url: URL): string | undefined {
  const query = url.searchParams
  const stranger = [...query.keys()].find((name) => !ALLOWED.has(name))
  if (stranger !== undefined) return `the token's URL carries ${stranger}`
  if (!isFresh(query)) return 'the token does not say for how long it holds, or for more than 15 minutes'
  if (query.get('Action') !== 'GetCallerIdentity') return 'the token does not ask for the caller identity'
  const signed = (query.get('X-Amz-SignedHeaders') ?? '').split(';')
  if (!signed.includes(CLUSTER_HEADER)) return 'the token was not signed for a cluster'
  if (!(query.get('X-Amz-Credential') ?? '').startsWith(`${SANDBOX_CREDENTIALS.accessKeyId}/`))
    return 'the token is signed by a key the sandbox does not know'
  if (query.get('X-Amz-Signature') === signatureOf(url, { host: url.host, [CLUSTER_HEADER]: cluster })) return undefined
  return `the token is not signed for cluster ${cluster}`
}

function isFresh(query: URLSearchParams): boolean {
  const seconds = Number(query.get('X-Amz-Expires'))
  return /^\d{8}T\d{6}Z$/.test(query.get('X-Amz-Date') ?? '') && seconds > 0 && seconds <= 900
}
