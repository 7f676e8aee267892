import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { CheckDefinition, CheckInput } from '../../src/catalog/checks/definition.ts'
import { CHECKS } from '../../src/catalog/checks/registry.ts'
import { clusterRole } from '../../src/cli/cluster-roles.ts'
import { ANY, iamPolicy } from '../../src/cli/permissions.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { type Prepared, prepare } from '../../src/engine/prepare.ts'
import { isSerinError } from '../../src/errors/serin-error.ts'
import { instantOf } from '../../src/model/instant.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { sourcesOf } from '../../src/preflight/evidence.ts'
import { behindIntent } from '../../src/preflight/run-check.ts'
import { openSimulation } from '../support/rehearsal.ts'

/**
 * Each permission that a snapshot uses, removed in turn: exactly the checks that depend on it do not know, none passes for want
 * of evidence, and nothing ends in an error.
 */

const ASSOCIATION = { namespace: 'kube-system', serviceAccount: 'aws-node', roleArn: 'arn:aws:iam::111122223333:role/small-cni' }

/** A cluster that has what some permissions are only asked for: pod identity, and an insight that does not pass. */
const WORLD = {
  addons: {
    'vpc-cni': {
      version: 'v1.21.2-eksbuild.2',
      podIdentityAssociations: ['arn:aws:eks:eu-west-1:111122223333:podidentityassociation/small/a-f89ef588bfdb076b2'],
    },
    'eks-pod-identity-agent': { version: 'v1.3.10-eksbuild.3' },
  },
  controlPlane: {
    podIdentityAssociations: [ASSOCIATION],
    deprecatedApis: [
      {
        usage: '/apis/x/v1beta1/y',
        replacedWith: '/apis/x/v1/y',
        stopServingVersion: '1.34',
        clients: [{ userAgent: 'old/1', requests: 3 }],
      },
    ],
  },
}

interface Looked {
  readonly snapshot: ClusterSnapshot
  readonly prepared: Prepared
  readonly plan: UpgradePlan
}

async function look(faults: readonly unknown[]): Promise<Looked> {
  const text = JSON.stringify({
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'less', summary: 'less is allowed' },
    world: WORLD,
    faults,
  })
  const simulation = openSimulation({ plan: 'small', scenarios: [{ name: 'less', text }], change: movingTheCni })
  try {
    const snapshot = await captureSnapshot(await simulation.connect(), simulation.plan.cluster.name)
    return { snapshot, prepared: prepare(simulation.plan, snapshot), plan: simulation.plan }
  } finally {
    simulation.close()
  }
}

const movingTheCni = (plan: UpgradePlan): UpgradePlan => ({
  ...plan,
  target: { ...plan.target, addons: [{ name: 'vpc-cni', version: 'recommended', resolveConflicts: 'PRESERVE', gates: [], soak: 0 }] },
})

/** Verdicts of each check, sorted. */
const verdictsOf = ({ prepared }: Looked) =>
  new Map(
    CHECKS.map(({ code }) => [
      code,
      prepared.preflight.findings
        .filter((finding) => finding.code === code)
        .map(({ verdict }) => verdict)
        .sort()
        .join(' '),
    ]),
  )

interface Rule {
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const AWS = iamPolicy('read', ANY).Statement.flatMap(({ Action }) => Action)
const KUBERNETES = (parse(clusterRole('read')) as { readonly rules: readonly Rule[] }).rules.flatMap(({ resources, verbs }) =>
  resources.flatMap((resource) => verbs.filter((verb) => verb !== 'watch').map((verb) => ({ verb, resource }))),
)

/**
 * Checks whose own evidence comes from what could not be read, where they apply, or that look at what the run moves, which is
 * known from it.
 */
function dependents(less: Looked): readonly string[] {
  const gaps = new Set((less.snapshot.unavailable ?? []).map(({ source }) => source))
  const isBlind = (need: string) => sourcesOf(need).some((source) => gaps.has(source))
  return CHECKS.filter((check) => {
    const applies = check.notApplicable?.(inputOf(less)) === undefined
    return (applies && needsOf(check).some(isBlind)) || behindIntent(check, inputOf(healthy)).some(isBlind)
  }).map(({ code }) => code)
}

function inputOf({ snapshot, plan, prepared }: Looked): CheckInput {
  return { snapshot, plan, intent: prepared.intent, now: instantOf(snapshot.capturedAt) ?? 0, options: {} }
}

/** Whether a run is open is told by the snapshot itself; whether somebody looked is part of that. */
function needsOf({ code, needs }: CheckDefinition): readonly string[] {
  return code === 'OPEN_RUN' ? ['kubernetes:serin-run'] : needs
}

let healthy: Looked
beforeAll(async () => {
  healthy = await look([])
})

async function expectUnknownWhereNeeded(fault: unknown): Promise<void> {
  const less = await look([fault])
  const [before, after] = [verdictsOf(healthy), verdictsOf(less)]
  const told = (code: string) => `${code}: ${before.get(code)} -> ${after.get(code)}`
  const expected = dependents(less)
  // What cannot be resolved for want of evidence is unknown too, and says so itself.
  const changed = CHECKS.map(({ code }) => code).filter((code) => before.get(code) !== after.get(code) && code !== 'PLAN_RESOLVED')
  expect(changed.filter((code) => !expected.includes(code)).map(told), 'changed, and do not need it').toEqual([])
  expect(
    expected.filter((code) => !/unknown/.test(after.get(code) ?? '') || /pass/.test(after.get(code) ?? '')).map(told),
    'need it',
  ).toEqual([])
  expect(less.prepared.preflight.findings.map(({ message }) => message).join()).not.toContain('The check itself failed')
}

describe('a permission removed', () => {
  it.each(AWS.filter((action) => action !== 'eks:DescribeCluster'))('%s', async (action) => {
    const [service, operation] = action.split(':')
    await expectUnknownWhereNeeded({ fault: 'forbidden', where: { service, operation } })
  })

  it.each(KUBERNETES)('$verb $resource', async ({ verb, resource }) => {
    await expectUnknownWhereNeeded({ fault: 'forbidden', where: { service: 'kubernetes', operation: verb, resource: `${resource}*` } })
  })

  it('eks:DescribeCluster: without it there is nothing to look at, and the error says so', async () => {
    const denied = look([{ fault: 'forbidden', where: { service: 'eks', operation: 'DescribeCluster' } }])
    await expect(denied).rejects.toSatisfy((error) => isSerinError(error, 'REMOTE_DENIED'))
  })
})
