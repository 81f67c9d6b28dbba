/** Every privilege of PVE 9.2, as `/access/permissions` of root lists them. */
const allPrivileges = [
  ...['Datastore.Allocate', 'Datastore.AllocateSpace', 'Datastore.AllocateTemplate', 'Datastore.Audit'],
  ...['Group.Allocate', 'Mapping.Audit', 'Mapping.Modify', 'Mapping.Use', 'Permissions.Modify'],
  ...['Pool.Allocate', 'Pool.Audit', 'Realm.Allocate', 'Realm.AllocateUser'],
  ...[
    'SDN.Allocate',
    'SDN.Audit',
    'SDN.Use',
    'Sys.AccessNetwork',
    'Sys.Audit',
    'Sys.Console',
    'Sys.Incoming',
  ],
  ...[
    'Sys.Modify',
    'Sys.PowerMgmt',
    'Sys.Syslog',
    'User.Modify',
    'VM.Allocate',
    'VM.Audit',
    'VM.Backup',
    'VM.Clone',
  ],
  ...['VM.Config.CDROM', 'VM.Config.CPU', 'VM.Config.Cloudinit', 'VM.Config.Disk', 'VM.Config.HWType'],
  ...['VM.Config.Memory', 'VM.Config.Network', 'VM.Config.Options', 'VM.Console', 'VM.GuestAgent.Audit'],
  ...['VM.GuestAgent.FileRead', 'VM.GuestAgent.FileSystemMgmt', 'VM.GuestAgent.FileWrite'],
  ...[
    'VM.GuestAgent.Unrestricted',
    'VM.Migrate',
    'VM.PowerMgmt',
    'VM.Replicate',
    'VM.Snapshot',
    'VM.Snapshot.Rollback',
  ],
];

const vmAdmin = allPrivileges.filter(privilege => privilege.startsWith('VM.'));

/** PVE's built-in roles that the simulator knows, with their privileges. */
export const roles: Record<string, readonly string[]> = {
  Administrator: allPrivileges,
  NoAccess: [],
  PVEAdmin: allPrivileges.filter(
    name => !/^(Permissions|Sys\.(Modify|PowerMgmt|AccessNetwork|Incoming)|Realm)/.test(name),
  ),
  PVEAuditor: [
    ...[
      'Datastore.Audit',
      'Mapping.Audit',
      'Pool.Audit',
      'SDN.Audit',
      'Sys.Audit',
      'VM.Audit',
      'VM.GuestAgent.Audit',
    ],
  ],
  PVEDatastoreUser: ['Datastore.AllocateSpace', 'Datastore.Audit'],
  PVEPoolUser: ['Pool.Audit'],
  PVEVMAdmin: vmAdmin,
  PVEVMUser: [
    ...[
      'VM.Audit',
      'VM.Backup',
      'VM.Config.CDROM',
      'VM.Config.Cloudinit',
      'VM.Console',
      'VM.GuestAgent.Audit',
    ],
    ...['VM.GuestAgent.FileRead', 'VM.GuestAgent.FileSystemMgmt', 'VM.GuestAgent.FileWrite', 'VM.PowerMgmt'],
  ],
};
