import { createHash, createHmac } from 'node:crypto'
import { SANDBOX_CREDENTIALS } from '../credentials.ts'

/** Presigned GetCallerIdentity URLs: what an EKS token is made of. */

export const TOKEN_PREFIX = 'k8s-aws-v1.'
export const CLUSTER_HEADER = 'x-k8s-aws-id'

/** A token for a cluster of the sandbox, signed with its credentials. Its date is fixed: the sandbox judges no dates. */
export function sandboxToken(cluster: string, region: string): string {
  const date = '20260101T000000Z'
  const url = new URL(`https://sts.${region}.amazonaws.com/`)
  const parameters = {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${SANDBOX_CREDENTIALS.accessKeyId}/${date.slice(0, 8)}/${region}/sts/aws4_request`,
    'X-Amz-Date': date,
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': `host;${CLUSTER_HEADER}`,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  url.searchParams.set('X-Amz-Signature', signatureOf(url, { host: url.host, [CLUSTER_HEADER]: cluster }))
  return `${TOKEN_PREFIX}${Buffer.from(url.href).toString('base64url')}`
}

/** The Signature Version 4 that a presigned GET of this URL has to carry. */
export function signatureOf(url: URL, headers: Readonly<Record<string, string>>): string {
  const query = url.searchParams
  const signed = query.get('X-Amz-SignedHeaders') ?? ''
  const parameters = [...query].filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const headerLines = signed.split(';').map((name) => `${name}:${headers[name] ?? ''}\n`)
  const canonical = ['GET', url.pathname, parameters.sort().join('&'), headerLines.join(''), signed, sha256('')].join('\n')
  const [, ...scope] = (query.get('X-Amz-Credential') ?? '').split('/')
  const text = ['AWS4-HMAC-SHA256', query.get('X-Amz-Date') ?? '', scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${SANDBOX_CREDENTIALS.secretAccessKey}`)
  return hmac(key, text).toString('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
