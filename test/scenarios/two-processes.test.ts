import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/plan/load.ts'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { smallFiles, storyOf } from '../support/story.ts'
import { applyInSandbox, changesOf } from '../support/two-processes.ts'

/** Virtual seconds per second: three quarters of an hour pass in ten seconds. */
const SPEED = 240

describe('the sandbox and the engine in two processes', () => {
  it('end as in one, and change the same in AWS and in Kubernetes', async () => {
    const files = smallFiles(1)
    const { code, stderr, requests } = applyInSandbox({ ...files, speed: SPEED })
    const plan = loadPlan({ read: () => files.plan }, 'plan.yaml').plan
    const told: RequestRecord[] = []
    const { exit } = await storyOf({ plan: { plan, world: files.world } }, (record) => told.push(record))
    expect({ code, exit }, stderr).toEqual({ code: 0, exit: 'ok' })
    expect(changesOf(requests)).toEqual(changesOf(told))
    expect(changesOf(requests).filter((change) => change.startsWith('eks:UpdateNodegroupVersion'))).toHaveLength(2)
  })
})
