import type { Instant } from '../../../model/instant.ts'
import { keyedUuid } from '../../../model/keyed.ts'
import { dateOf } from './answers.ts'

export interface UpdateError {
  readonly errorCode: string
  readonly errorMessage: string
  readonly resourceIds: readonly string[]
}

/** An EKS update: status and errors move. */
export interface Update {
  readonly id: string
  readonly type: 'VersionUpdate' | 'ConfigUpdate' | 'AddonUpdate'
  readonly params: readonly { readonly type: string; readonly value: string }[]
  readonly createdAt: Instant
  /** `nodegroup/app-a` or `addon/vpc-cni`: an update is found only by asking for its own subject. */
  readonly subject: string
  status: 'InProgress' | 'Successful' | 'Failed'
  errors: readonly UpdateError[]
}

export interface NewUpdate {
  readonly type: Update['type']
  readonly subject: string
  /** The caller's clientRequestToken, if there was one. */
  readonly token: string | undefined
  readonly params: Readonly<Record<string, string | undefined>>
}

export interface Updates {
  /** The update that this token already began, so that a repeated call answers with it. */
  begunBy(subject: string, token: string | undefined): Update | undefined
  open(update: NewUpdate): Update
  find(subject: string, id: string): Update | undefined
  /** Newest first. */
  list(subject: string): readonly Update[]
}

/** Updates by subject. Ids depend on subject and token (or on how many there were), never on the order of parallel calls. */
export function createUpdates(seed: number, now: () => Instant): Updates {
  const bySubject = new Map<string, Update[]>()
  const byToken = new Map<string, Update>()
  const of = (subject: string) => bySubject.get(subject) ?? []

  function open({ type, subject, token, params }: NewUpdate): Update {
    const known = of(subject)
    const update: Update = {
      id: keyedUuid(seed, 'update', subject, token ?? `no-token-${known.length}`),
      type,
      params: Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [{ type: name, value }])),
      createdAt: now(),
      subject,
      status: 'InProgress',
      errors: [],
    }
    bySubject.set(subject, [...known, update])
    if (token !== undefined) byToken.set(`${subject}\u0000${token}`, update)
    return update
  }

  return {
    begunBy: (subject, token) => (token === undefined ? undefined : byToken.get(`${subject}\u0000${token}`)),
    open,
    find: (subject, id) => of(subject).find((update) => update.id === id),
    list: (subject) => [...of(subject)].reverse(),
  }
}

/** An update in SDK shape. */
export function describeUpdate({ id, status, type, params, createdAt, errors }: Update): Record<string, unknown> {
  return { id, status, type, params, createdAt: dateOf(createdAt), errors }
}
