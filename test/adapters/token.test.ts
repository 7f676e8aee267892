import { createHash, createHmac } from 'node:crypto'
import { STSClient } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { createTokenSource } from '../../src/adapters/kubernetes/token.ts'
import { MINUTE } from '../../src/model/instant.ts'
import { rejection } from './support/rejection.ts'

const AT = Date.parse('2026-11-23T10:00:00Z')
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret', sessionToken: 'session/+=' }
const sts = new STSClient({ region: 'eu-central-1', credentials: CREDENTIALS })

const urlOf = (token: string) => new URL(Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString())

it('is a signed GetCallerIdentity with the cluster among the signed headers, and nothing the verifier does not allow', async () => {
  const token = await createTokenSource(sts, 'eu-central-1', 'shop', () => AT)()
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/)
  const url = urlOf(token)
  expect(url.origin + url.pathname).toBe('https://sts.eu-central-1.amazonaws.com/')
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20261123/eu-central-1/sts/aws4_request',
    'X-Amz-Date': '20261123T100000Z',
    'X-Amz-Expires': '60',
    'X-Amz-Security-Token': 'session/+=',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
  })
  expect([...url.searchParams.keys()]).toHaveLength(9)
})

it('carries the signature that an independent calculation gives', async () => {
  const url = urlOf(await createTokenSource(sts, 'eu-central-1', 'shop', () => AT)())
  const query = url.search
    .slice(1)
    .split('&')
    .filter((part) => !part.startsWith('X-Amz-Signature='))
    .sort()
    .join('&')
  const emptyBody = createHash('sha256').update('').digest('hex')
  const canonical = `GET\n/\n${query}\nhost:sts.eu-central-1.amazonaws.com\nx-k8s-aws-id:shop\n\nhost;x-k8s-aws-id\n${emptyBody}`
  const text = `AWS4-HMAC-SHA256\n20261123T100000Z\n20261123/eu-central-1/sts/aws4_request\n${createHash('sha256').update(canonical).digest('hex')}`
  const key = ['20261123', 'eu-central-1', 'sts', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${CREDENTIALS.secretAccessKey}`,
  )
  expect(url.searchParams.get('X-Amz-Signature')).toBe(createHmac('sha256', key).update(text).digest('hex'))
})

it('is kept while it is good and made anew before 14 minutes', async () => {
  let now = AT
  const source = createTokenSource(sts, 'eu-central-1', 'shop', () => now)
  const first = await source()
  now += 12 * MINUTE
  expect(await source()).toBe(first)
  now += 2 * MINUTE - 1
  expect(await source()).not.toBe(first)
})

it('fails as missing credentials do, and tries again the next time', async () => {
  let given = false
  const late = new STSClient({
    region: 'eu-central-1',
    credentials: async () => {
      if (given) return CREDENTIALS
      throw Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' })
    },
  })
  const source = createTokenSource(late, 'eu-central-1', 'shop', () => AT)
  expect(await rejection(source())).toMatchObject({ code: 'REMOTE_CREDENTIALS' })
  given = true
  expect(await source()).toMatch(/^k8s-aws-v1\./)
})
