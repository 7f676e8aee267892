import { atLeast } from '../kubernetes/version-floor.ts'
import { defineFault } from './fault.ts'
import { POD_KEYS } from './selectors.ts'

export const macAddressPolicy = defineFault({
  name: 'mac-address-policy',
  codes: ['P16'],
  title: "systemd of the image gives the host's end of a pod's link another MAC address: the pod never reaches its gateway",
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  where: POD_KEYS,
  levers: {
    // Mended in v1.20.1, which sets the address of that end itself.
    'pod/traffic': ({ cniVersion }) => (atLeast(cniVersion, 'v1.20.1') ? undefined : { cuts: ['kubelet', 'services', 'pods', 'internet'] }),
  },
})
