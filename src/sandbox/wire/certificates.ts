import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate with its key, both PEM. */
interface Credential {
  readonly certificate: string
  readonly key: string
}

/** An authority that lives as long as the sandbox does. */
export interface Authority {
  /** PEM. */
  readonly certificate: string
  /** A server certificate for these names; what looks like an IP address becomes one. */
  issue(names: readonly string[]): Promise<Credential>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const VALID_DAYS = 30
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'

/** Certificates are judged by real time, so they are dated by it, whatever the world's clock says. */
function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + VALID_DAYS * 86_400_000) }
}

export async function createAuthority(): Promise<Authority> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=serin sandbox',
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  let serial = 1
  return {
    certificate: certificate.toString('pem'),
    async issue(names) {
      serial++
      const own = await newKeys()
      const leaf = await X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(4, '0'),
        subject: `CN=${names[0] ?? 'localhost'}`,
        issuer: certificate.subject,
        ...validity(),
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new SubjectAlternativeNameExtension(names.map(alternativeName)),
          new ExtendedKeyUsageExtension([SERVER_AUTHENTICATION]),
        ],
      })
      return { certificate: leaf.toString('pem'), key: await pemOf(own.privateKey) }
    },
  }
}

function alternativeName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$/.test(name) ? 'ip' : 'dns', value: name }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const encoded = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${encoded.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END PRIVATE KEY-----\n`
}
