import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { SANDBOX_CREDENTIALS } from '../../../src/sandbox/wire/credentials.ts'

/** A SHA-256 in the form that `@smithy/signature-v4` takes. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as string))
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}

/** A token as `aws eks get-token` makes it, for a cluster; the signer is the one Serin uses, not the sandbox's own. */
export async function eksToken(
  cluster: string,
  credentials: { accessKeyId: string; secretAccessKey: string } = SANDBOX_CREDENTIALS,
): Promise<string> {
  const signer = new SignatureV4({ credentials, region: 'eu-west-1', service: 'sts', sha256: Sha256 as never, applyChecksum: false })
  const hostname = 'sts.eu-west-1.amazonaws.com'
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: hostname, 'x-k8s-aws-id': cluster },
    },
    { expiresIn: 60 },
  )
  const query = new URLSearchParams(signed.query as Record<string, string>)
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query}`).toString('base64url')}`
}
