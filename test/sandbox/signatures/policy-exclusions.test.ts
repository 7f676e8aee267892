import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { MINUTE } from '../../../src/model/instant.ts'
import type { NewObject } from '../../../src/sandbox/world/kubernetes/api/requests.ts'
import type { ScenarioData, Stage } from './stage.ts'
import { openStage } from './stage.ts'

/** P01 as it stands in its file, with the pods of the shop made anew. */
function stuck(): Stage {
  const stage = openStage(parse(readFileSync('plans/scenarios/signatures/p01.yaml', 'utf8')) as ScenarioData)
  restart(stage)
  return stage
}

function restart(stage: Stage): void {
  for (const { metadata } of stage.pods('shop')) stage.world.deletePod('shop', metadata.name, 0)
  stage.pass(10 * MINUTE)
}

const states = (stage: Stage) =>
  stage
    .pods('shop')
    .map(({ metadata, status }) => ({ phase: status?.phase, annotated: metadata.annotations?.['vpc.amazonaws.com/pod-eni'] !== undefined }))

const ME = { username: 'arn:aws:iam::111122223333:user/me', groups: ['system:masters'] }

/** What somebody does with kubectl apply: the policy gets other members in its rule, or beside its rules. */
function amend(stage: Stage, rule: Record<string, unknown>, spec: Record<string, unknown> = {}): void {
  stage.world.api.update({ user: ME }, 'ClusterPolicy', undefined, 'restrict-seccomp', (current) => {
    const before = current.spec as { rules: readonly Record<string, unknown>[] }
    return { ...current, spec: { ...before, ...spec, rules: before.rules.map((each) => ({ ...each, ...rule })) } } as NewObject
  })
}

const GOOD = Array.from({ length: 4 }, () => ({ phase: 'Running', annotated: true }))
const BAD = Array.from({ length: 4 }, () => ({ phase: 'Pending', annotated: false }))

describe('a policy that keeps branch interfaces from pods lets go of them', () => {
  it.each([
    {
      title: 'by leaving out the resource controller',
      rule: { exclude: { any: [{ subjects: [{ kind: 'User', name: 'eks:vpc-resource-controller' }] }] } },
    },
    { title: 'by applying to creations only', rule: { match: { any: [{ resources: { kinds: ['Pod'], operations: ['CREATE'] } }] } } },
    {
      title: 'by a match condition of its webhook',
      rule: {},
      spec: {
        webhookConfiguration: {
          matchConditions: [{ name: 'not-the-controller', expression: "request.userInfo.username != 'eks:vpc-resource-controller'" }],
        },
      },
    },
  ])('$title', ({ rule, spec }) => {
    const stage = stuck()
    expect(states(stage)).toEqual(BAD)
    amend(stage, rule, spec)
    restart(stage)
    expect(states(stage)).toEqual(GOOD)
  })

  it('but not by leaving out somebody else', () => {
    const stage = stuck()
    amend(stage, { exclude: { any: [{ subjects: [{ kind: 'User', name: 'eks:other' }] }] } })
    restart(stage)
    expect(states(stage)).toEqual(BAD)
  })
})
