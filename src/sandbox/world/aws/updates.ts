import type { Instant } from '../../../model/instant.ts'
import { keyedUuid } from '../../../model/keyed.ts'
import { dateOf, type Input, textOf } from './answers.ts'
import { createTokens } from './tokens.ts'

export interface UpdateError {
  readonly errorCode: string
  readonly errorMessage: string
  readonly resourceIds: readonly string[]
}

/** An EKS update: status, errors and cancellation move. */
export interface Update {
  readonly id: string
  /** One of the SDK's UpdateType, such as `VersionUpdate`. */
  readonly type: string
  readonly params: readonly { readonly type: string; readonly value: string }[]
  readonly createdAt: Instant
  /** `cluster`, `nodegroup/app-a` or `addon/vpc-cni`: an update is found only by asking for its own subject. */
  readonly subject: string
  status: 'InProgress' | 'Successful' | 'Failed' | 'Cancelled'
  errors: readonly UpdateError[]
  /** Only after a cancellation was tried. */
  cancellation?: { readonly status: 'InProgress' | 'Successful' | 'Failed'; readonly reason: string }
}

export interface NewUpdate {
  readonly type: string
  readonly subject: string
  /** What was asked, with the caller's clientRequestToken if there was one. */
  readonly input: Input
  readonly params: Readonly<Record<string, string | undefined>>
}

export interface Updates {
  /**
   * The update that the call's token already began, so that a repeated call answers with it.
   * Throws 400 when the token came with another request before.
   */
  begunBy(subject: string, input: Input): Update | undefined
  open(update: NewUpdate): Update
  find(subject: string, id: string): Update | undefined
  all(): readonly Update[]
  /** Newest first. */
  list(subject: string): readonly Update[]
}

/** Updates by subject. Ids depend on subject and token (or on how many there were), never on the order of parallel calls. */
export function createUpdates(seed: number, now: () => Instant): Updates {
  const bySubject = new Map<string, Update[]>()
  const tokens = createTokens<Update>()
  const of = (subject: string) => bySubject.get(subject) ?? []

  function open({ type, subject, input, params }: NewUpdate): Update {
    const known = of(subject)
    const token = textOf(input, 'clientRequestToken')
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
    tokens.keep(subject, input, update)
    return update
  }

  return {
    begunBy: (subject, input) => tokens.recall(subject, input),
    open,
    find: (subject, id) => of(subject).find((update) => update.id === id),
    all: () => [...bySubject.values()].flat(),
    list: (subject) => [...of(subject)].reverse(),
  }
}

/** An update in SDK shape. */
export function describeUpdate({ id, status, type, params, createdAt, errors, cancellation }: Update): Record<string, unknown> {
  return { id, status, type, params, createdAt: dateOf(createdAt), errors, ...(cancellation ? { cancellation } : {}) }
}
