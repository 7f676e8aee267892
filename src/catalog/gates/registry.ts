import { addressesLeft } from './addresses-left.ts'
import { approval } from './approval.ts'
import { awsNode } from './aws-node.ts'
import { cloudwatchAlarm } from './cloudwatch-alarm.ts'
import { command } from './command.ts'
import { controlPlane } from './control-plane.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { http } from './http.ts'
import { ipam } from './ipam.ts'
import { ipamdMetrics } from './ipamd-metrics.ts'
import { kubeProxy } from './kube-proxy.ts'
import { networkProof } from './network-proof.ts'
import { networkingReady } from './networking-ready.ts'
import { nodesReady } from './nodes-ready.ts'
import { permissions } from './permissions.ts'
import { prometheus } from './prometheus.ts'
import { soak } from './soak.ts'
import { stuckPodsGate } from './stuck-pods.ts'
import { throttling } from './throttling.ts'
import { workloads } from './workloads.ts'

/** A gate whose options are of any shape; `judge` reads them by the gate's own schema. */
export type Gate = GateDefinition<unknown>

/** Every gate, in the order in which documentation and reports list them. */
export const GATES: readonly Gate[] = [
  sealed(nodesReady),
  sealed(awsNode),
  sealed(kubeProxy),
  sealed(permissions),
  sealed(ipam),
  sealed(ipamdMetrics),
  sealed(networkingReady),
  sealed(stuckPodsGate),
  sealed(networkProof),
  sealed(workloads),
  sealed(controlPlane),
  sealed(addressesLeft),
  sealed(throttling),
  sealed(prometheus),
  sealed(cloudwatchAlarm),
  sealed(http),
  sealed(command),
  sealed(soak),
  sealed(approval),
]

/** Forgets the type of a gate's options and fills in their defaults instead. @throws ZodError for options that its schema refuses */
function sealed<Options>(gate: GateDefinition<Options>): Gate {
  const { judge, probes, first, questions, lasting, access, ...rest } = gate
  const known = new WeakMap<object, Options>()
  const optionsOf = (given: unknown): Options => {
    if (typeof given !== 'object' || given === null) return gate.options.parse(given)
    const options = known.get(given) ?? gate.options.parse(given)
    known.set(given, options)
    return options
  }
  const parsed = (input: GateInput<unknown>) => ({ ...input, options: optionsOf(input.options) })
  return {
    ...rest,
    ...(judge && { judge: (input) => judge(parsed(input)) }),
    ...(probes && { probes: (input) => probes(parsed(input)) }),
    ...(access && { access: (options) => access(optionsOf(options)) }),
    ...(questions && { questions: (options) => questions(optionsOf(options)) }),
    ...(lasting && { lasting: (input) => lasting(parsed(input)) }),
    ...(first && { first: (input) => first(parsed(input)) }),
  }
}
