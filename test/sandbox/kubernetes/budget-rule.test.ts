import { expect, it } from 'vitest'
import { budgetCounts } from '../../../src/sandbox/world/kubernetes/budget-rule.ts'

// Vectors of the rule in k8s.io/kubernetes/pkg/controller/disruption/disruption.go.
it.each([
  { title: 'a number of pods to keep', spec: { minAvailable: 2 }, pods: 3, healthy: 3, scale: 3, allowed: 1, desired: 2, expected: 3 },
  { title: 'a number that is all there is', spec: { minAvailable: 3 }, pods: 3, healthy: 3, scale: 3, allowed: 0, desired: 3, expected: 3 },
  {
    title: 'a number counts the pods that exist, not the scale',
    spec: { minAvailable: 2 },
    pods: 2,
    healthy: 2,
    scale: 4,
    allowed: 0,
    desired: 2,
    expected: 2,
  },
  { title: 'half of three, rounded up', spec: { minAvailable: '50%' }, pods: 3, healthy: 3, scale: 3, allowed: 1, desired: 2, expected: 3 },
  {
    title: 'a percentage is of the scale',
    spec: { minAvailable: '50%' },
    pods: 2,
    healthy: 2,
    scale: 10,
    allowed: 0,
    desired: 5,
    expected: 10,
  },
  { title: 'everything', spec: { minAvailable: '100%' }, pods: 4, healthy: 4, scale: 4, allowed: 0, desired: 4, expected: 4 },
  {
    title: 'a number that may be missing',
    spec: { maxUnavailable: 1 },
    pods: 3,
    healthy: 3,
    scale: 3,
    allowed: 1,
    desired: 2,
    expected: 3,
  },
  { title: 'one is missing already', spec: { maxUnavailable: 1 }, pods: 3, healthy: 2, scale: 3, allowed: 0, desired: 2, expected: 3 },
  { title: 'none may be missing', spec: { maxUnavailable: 0 }, pods: 3, healthy: 3, scale: 3, allowed: 0, desired: 3, expected: 3 },
  {
    title: 'a tenth that may be missing, rounded up',
    spec: { maxUnavailable: '10%' },
    pods: 5,
    healthy: 5,
    scale: 5,
    allowed: 1,
    desired: 4,
    expected: 5,
  },
  {
    title: 'more may be missing than there are',
    spec: { maxUnavailable: 5 },
    pods: 3,
    healthy: 3,
    scale: 3,
    allowed: 3,
    desired: 0,
    expected: 3,
  },
  { title: 'no pods', spec: { maxUnavailable: 1 }, pods: 0, healthy: 0, scale: 0, allowed: 0, desired: 0, expected: 0 },
])('budget: $title', ({ spec, pods, healthy, scale, allowed, desired, expected }) => {
  expect(budgetCounts(spec, { pods, healthy, scale })).toEqual({
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
  })
})
