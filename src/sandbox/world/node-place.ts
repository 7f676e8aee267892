import type { Machine } from '../contract.ts'
import type { NodePlace } from '../levers.ts'

/** A machine as the selectors of faults see it, with the CNI version that runs or would run there. */
export function nodePlace(machine: Machine, cniVersion: string, launchedLater: boolean): NodePlace {
  const { nodeName: node, group, zone, instanceType, imageId, kubeletVersion } = machine
  const kubeletMinor = /^v(\d+\.\d+)/.exec(kubeletVersion)?.[1] ?? ''
  return { node, group, zone, instanceType, kubeletMinor, cniVersion, imageId, launchedLater }
}
