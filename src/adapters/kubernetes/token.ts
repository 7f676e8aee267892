import type { STSClient } from '@aws-sdk/client-sts'
import { SignatureV4 } from '@smithy/signature-v4'
import { SerinError } from '../../errors/serin-error.ts'
import { MINUTE } from '../../model/instant.ts'
import { awsError } from '../aws-error.ts'

/** The server accepts the token for 15 minutes after its date; clients renew at 14. */
const GOOD_FOR = 13 * MINUTE

/** Gives a bearer token, a fresh one before the old one ends. */
export type TokenSource = () => Promise<string>

/**
 * EKS tokens made in process: `k8s-aws-v1.` and the base64url of a presigned GET of STS GetCallerIdentity with the signed
 * header `x-k8s-aws-id`. Dates are real time, whatever clock a run has.
 * Source: https://github.com/kubernetes-sigs/aws-iam-authenticator pkg/token/token.go
 */
export function createTokenSource(sts: STSClient, region: string, cluster: string, now: () => number = Date.now): TokenSource {
  let current: { readonly token: Promise<string>; readonly madeAt: number } | undefined
  return () => {
    if (current === undefined || now() - current.madeAt > GOOD_FOR) {
      const made = { token: makeToken(sts, region, cluster, now()), madeAt: now() }
      made.token.catch(() => {
        if (current === made) current = undefined
      })
      current = made
    }
    return current.token
  }
}

async function makeToken(sts: STSClient, region: string, cluster: string, at: number): Promise<string> {
  try {
    const url = await presign(sts, region, cluster, new Date(at))
    return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`
  } catch (error) {
    const known = awsError(error, 'sts:presign', false)
    if (known instanceof SerinError) throw known
    throw new SerinError('REMOTE_CREDENTIALS', 'The token for the cluster could not be signed', { operation: 'sts:presign' }, error)
  }
}

/** `applyChecksum: false` keeps `x-amz-content-sha256` out of the signed headers, which the verifier does not allow. */
async function presign(sts: STSClient, region: string, cluster: string, signingDate: Date): Promise<string> {
  const hostname = `sts.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  const { credentials, sha256 } = sts.config
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256, applyChecksum: false })
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    headers: { host: hostname, 'x-k8s-aws-id': cluster },
  }
  const signed = await signer.presign(request, { expiresIn: 60, signingDate })
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${strict(name)}=${strict(String(value))}`)
  return `https://${hostname}/?${query.join('&')}`
}

/** Percent-encoding as SigV4 has it: everything but unreserved characters. */
function strict(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
