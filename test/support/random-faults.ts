import fc from 'fast-check'

/** One fault of a scenario, fitting a world of a canary, so many other groups, and workloads with or without budgets. */
export function faultArbitrary(others: number, budgets: readonly boolean[]): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const group = fc.constantFrom('canary', ...Array.from({ length: others }, (_none, index) => `app-${index + 1}`), '*')
  const guarded = budgets.some((guardedHere) => guardedHere)
  return fc.oneof(
    { weight: 4, arbitrary: newNodesFail(group) },
    { weight: 2, arbitrary: addonFails },
    { weight: 2, arbitrary: subnetsFill },
    { weight: guarded ? 2 : 0, arbitrary: evictionsBlock },
    { weight: 3, arbitrary: requestsFail },
  )
}

function newNodesFail(group: fc.Arbitrary<string>): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.record({
    fault: fc.constantFrom('ipam-hang', 'node-never-joins'),
    where: fc.record({ group, launchedLater: fc.constant(true), share: fc.constantFrom(0.4, 1) }),
  })
}

const addonFails = fc.record({
  fault: fc.constant('addon-crashloop'),
  where: fc.record({
    cniVersion: fc.constantFrom('v1.21.*', 'v1.22.*', '*'),
    cniChanged: fc.constant(true),
    share: fc.constantFrom(0.5, 1),
  }),
})

const moment = fc.constantFrom(
  {},
  { from: '5m', to: '40m' },
  { after: 'eks:UpdateNodegroupVersion *', occurrence: 1, from: '10s' },
  { after: 'eks:UpdateNodegroupVersion *', occurrence: 2, from: '2m', to: '1h' },
)

const subnetsFill = fc.record({ fault: fc.constant('subnet-exhausted'), where: fc.constantFrom({ zone: '*a' }, {}), when: moment })

const evictionsBlock = fc.record({ fault: fc.constant('eviction-blocked'), where: fc.constant({ budget: '*/*' }), when: moment })

const requestsFail = fc.oneof(
  fc.record({
    fault: fc.constantFrom('throttling', 'server-error', 'cut-connection'),
    where: fc.constantFrom({ service: 'eks' }, { service: 'kubernetes' }, { service: 'autoscaling' }, { service: 'ec2' }, {}),
    chance: fc.constantFrom(0.02, 0.1),
  }),
  fc.record({
    fault: fc.constantFrom('server-error', 'cut-connection'),
    where: fc.record({ service: fc.constant('eks'), mutating: fc.constant(true), nth: fc.constantFrom([1], [1, 2], [2]) }),
    effect: fc.constantFrom('before', 'after'),
  }),
  fc.constant({ fault: 'throttling', where: { service: 'eks' }, when: { from: '1m', every: '10m', lasting: '45s' }, chance: 0.7 }),
)
