/** What a unit runs. */
export interface SystemdUnit {
  readonly about: string;
  /** Arguments of the program. */
  readonly run: readonly string[];
  /** It needs the kernel's log and tracefs of this machine. */
  readonly root?: true;
  /** It ends by itself; `restart` is for what should not. */
  readonly oneshot?: true;
  /** Groups that it is in as well. */
  readonly groups?: string;
  /** What it gets of a file that only root can read (systemd.exec(5), LoadCredential). */
  readonly credential?: string;
  readonly capabilities: readonly string[];
  /** Exit codes that are no failure of the service: 1 says that something was found. */
  readonly success: string;
}

export const SYSTEMD_UNITS = {
  watch: {
    about: 'vexfs-trace: what the kernel of this machine reports',
    run: [
      'attach',
      '--local',
      '--capture',
      '%S/vexfs-trace/watch',
      '--metrics-file',
      '%S/vexfs-trace/vexfs-trace.prom',
    ],
    root: true,
    capabilities: ['CAP_SYSLOG', 'CAP_SYS_ADMIN', 'CAP_DAC_READ_SEARCH'],
    success: '1',
  },
  serve: {
    about: 'vexfs-trace: pages and metrics of runs',
    run: ['serve', '--token-file', '%d/token'],
    credential: 'token:%S/vexfs-trace/token',
    capabilities: [],
    success: '0',
  },
  regression: {
    about: 'vexfs-trace: tests of a module in a guest',
    run: ['run', 'regression', '--metrics-file', '%S/vexfs-trace/vexfs-trace.prom'],
    oneshot: true,
    groups: 'kvm',
    capabilities: [],
    success: '1',
  },
} as const satisfies Readonly<Record<string, SystemdUnit>>;
export type UnitName = keyof typeof SYSTEMD_UNITS;

/** A unit file, confined to what the command needs. `program` is the absolute path of what it runs. */
export function systemdUnit(name: UnitName, program: string): string {
  const { about, run, capabilities, success, ...rest }: SystemdUnit = SYSTEMD_UNITS[name];
  const lines = [
    `# Made by: vexfs-trace generate systemd-unit ${name}`,
    '[Unit]',
    `Description=${about}`,
    'Documentation=man:vexfs-trace(1)',
    'After=network.target',
    '',
    '[Service]',
    `Type=${rest.oneshot ? 'oneshot' : 'exec'}`,
    `ExecStart=${[program, ...run].map(word).join(' ')}`,
    ...(rest.credential === undefined ? [] : [`LoadCredential=${rest.credential}`]),
    'StateDirectory=vexfs-trace',
    'CacheDirectory=vexfs-trace',
    'WorkingDirectory=%S/vexfs-trace',
    'Environment=XDG_CACHE_HOME=%C',
    'Environment=XDG_DATA_HOME=%S',
    `SuccessExitStatus=${success}`,
    ...(rest.oneshot ? ['TimeoutStartSec=2h'] : ['Restart=on-failure', 'RestartSec=10s']),
    ...(rest.root
      ? []
      : [
          'DynamicUser=yes',
          'User=vexfs-trace',
          ...(rest.groups === undefined ? [] : [`SupplementaryGroups=${rest.groups}`]),
        ]),
    'KillSignal=SIGTERM',
    'TimeoutStopSec=60s',
    '',
    `CapabilityBoundingSet=${capabilities.join(' ')}`,
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'ProtectHome=read-only',
    'PrivateTmp=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'RestrictSUIDSGID=yes',
    'RestrictRealtime=yes',
    'LockPersonality=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'SystemCallArchitectures=native',
    ...(rest.oneshot ? [] : ['', '[Install]', 'WantedBy=multi-user.target']),
    '',
  ];
  return lines.join('\n');
}

/** The timer of a unit that ends by itself: every night. */
export function systemdTimer(name: UnitName): string {
  return `# Made by: vexfs-trace generate systemd-unit ${name} --timer
[Unit]
Description=${SYSTEMD_UNITS[name].about}, every night

[Timer]
OnCalendar=*-*-* 02:17:00
RandomizedDelaySec=15m
Persistent=yes

[Install]
WantedBy=timers.target
`;
}

/** A word as systemd.service(5) takes it: quotes and blanks in quotes, a percent sign twice unless it is a specifier of ours. */
function word(text: string): string {
  return /^[\w%@:,./+=-]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
