import { HOUR, MINUTE, type Millis } from '../../../../model/instant.ts'
import type { Interface } from '../interfaces.ts'
import { callerOf, type IpamdDeps } from './growth.ts'
import type { Pool } from './pool.ts'

/** How often each ipamd looks, and how long an interface has to be left before (`pkg/awsutils/awsutils.go` of amazon-vpc-cni-k8s). */
const EVERY: Millis = HOUR
const LEFT_FOR: Millis = 5 * MINUTE

/**
 * Once an hour ipamd deletes the interfaces in state `available` that carry its tags: what instances left behind that died between
 * creating and attaching them. One ipamd that sweeps does the work of all; that all look at the same minute is our assumption.
 */
export function sweepHourly(deps: IpamdDeps, pools: ReadonlyMap<string, Pool>): void {
  deps.timeline.after(EVERY, 'ipamd/sweep', () => {
    const sweeper = [...pools.values()].find(({ settings }) => settings.sweeps && settings.provisions)
    if (sweeper !== undefined) sweep(deps, sweeper)
    sweepHourly(deps, pools)
  })
}

function sweep({ calls, interfaces, timeline }: IpamdDeps, sweeper: Pool): void {
  for (const each of interfaces.all().filter((one) => isLeft(one, timeline.now())))
    if (calls.ask(callerOf(sweeper), 'DeleteNetworkInterface') === undefined) interfaces.remove(each)
}

function isLeft({ status, tags, createdAt }: Interface, now: number): boolean {
  return status === 'available' && tags['node.k8s.amazonaws.com/instance_id'] !== undefined && now - createdAt >= LEFT_FOR
}
