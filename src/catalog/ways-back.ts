import type { WayBackRow } from './strategies/definition.ts'

/** What is not moved by a strategy: add-ons have steps of their own, everything else Serin leaves alone. */
export const OTHER_WAYS_BACK: readonly WayBackRow[] = [
  {
    what: 'EKS add-on (vpc-cni, kube-proxy, …)',
    image: 'not applicable',
    minor: 'not applicable',
    call: 'eks:UpdateAddon hop by hop to the last hop that passed, then to the baseline, with its role and configuration; what OVERWRITE wiped from aws-node is set again',
    restrictions: "The version must be listed for the cluster's minor. Success is the DaemonSet's template, not the version string.",
    otherwise:
      'Not listed: a point of no return that the plan accepts by name. WAY_BACK_OPEN holds the run when it goes from the list meanwhile.',
  },
  {
    what: 'Control plane',
    image: 'not moved',
    minor: 'yes, the one before, where `target.controlPlane` moved it: started within 7 days, counted from the beginning of the upgrade',
    call: 'eks:UpdateClusterVersion to the former minor (VersionRollback), with readiness insights computed anew and asked first; under Auto Mode its nodes go back before, within `nodesBackWithin`, and `serin hold` cancels that with eks:CancelUpdate',
    restrictions:
      'After the nodes and every add-on that fits both minors: no kubelet and no kube-proxy may be newer. An insight in ERROR or UNKNOWN keeps EKS from it. Add-ons that fit the former minor alone follow it. A second upgrade gives up the way back of the first.',
    otherwise:
      'Refused: passed over, the rest goes back, exit 22 with the calls that are left. After 7 days WAY_BACK_OPEN holds the run before it goes on. Under the upgrade policy STANDARD no cluster goes back into extended support: a point of no return (`no-way-back/control-plane`).',
  },
]
