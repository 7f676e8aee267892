import { defineFault } from './fault.ts'
import { POD_KEYS } from './selectors.ts'

export const interfaceForcedOut = defineFault({
  name: 'interface-forced-out',
  codes: ['P17'],
  title:
    'the metadata service tells ipamd of one interface too few: it forgets that interface, and the pods with addresses of it are cut off',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/datastore/data_store.go',
  where: POD_KEYS,
  levers: {
    'ipamd/forced-out': () => true,
    'pod/traffic': () => ({ cuts: ['kubelet', 'services', 'pods', 'internet'] }),
  },
})
