"""What `dumpsys` prints, in the shapes real phones print it. Knows no shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automator.practice.phone import Phone
    from automator.practice.rom import Package


def full_component(component: str) -> str:
    """`pkg/.Activity` as the system writes it in its dumps: `pkg/pkg.Activity`."""
    package, _, activity = component.partition("/")
    return f"{package}/{package + activity if activity.startswith('.') else activity}"


def _account(phone: Phone) -> str:
    """The accounts of each user, names masked by MIUI; the services at the end stay when the accounts go."""
    state = phone.state
    accounts = []
    if state.account:
        accounts.append(f"    Account {{name={state.account.masked}, type=com.xiaomi}}\n")
    if state.google_account:
        accounts.append("    Account {name=mil***com, type=com.google}\n")
    if state.accounts_time_out:
        return "\n\n*** SERVICE 'account' DUMP TIMEOUT (10000ms) EXPIRED ***\n\n"
    services = "".join(
        f"    ServiceInfo: AuthenticatorDescription {{type={kind}}}, ComponentInfo{{{component}}}, uid {uid}\n"
        for kind, component, uid in (
            ("com.xiaomi", "com.xiaomi.account/com.xiaomi.account.accounts.AuthenticatorService", 10113),
            (
                "com.google",
                "com.google.android.gms/.auth.account.authenticator.GoogleAccountAuthenticatorService",
                10144,
            ),
        )
    )
    return (
        f"User UserInfo{{{state.user}:{'Owner' if state.main_user else 'Second'}:4c13}}:\n"
        f"  Accounts: {len(accounts)}\n{''.join(accounts)}\n"
        "  AccountId, Action_Type, timestamp, UID, TableName, Key\n  Accounts History\n\n"
        "  Active Sessions: 0\n\n"
        f"  RegisteredServicesCache: 2 services\n{services}"
    )


def _battery(phone: Phone) -> str:
    state = phone.state
    return (
        "Current Battery Service state:\n"
        "  AC powered: false\n"
        f"  USB powered: {str(state.charging).lower()}\n"
        "  Wireless powered: false\n"
        "  Max charging current: 500000\n"
        f"  status: {2 if state.charging else 3}\n"
        "  health: 2\n"
        "  present: true\n"
        f"  level: {state.battery}\n"
        "  scale: 100\n"
        "  voltage: 4123\n"
        "  temperature: 301\n"
        "  technology: Li-poly\n"
    )


def _window(phone: Phone) -> str:
    state, screen = phone.state, phone.flow.top.screen
    title = full_component(screen.component)
    if state.locked:
        title = "NotificationShade"
    elif screen.name.startswith("popup."):
        title = screen.package
    user = f"u{state.user}"
    page = next(o.screen for o in reversed(phone.flow.stack) if o.screen.kind != "dialog")
    showing = str(state.locked).lower()
    return (
        "WINDOW MANAGER LAST ANR (dumpsys window lastanr)\n  <no ANR has occurred since boot>\n\n"
        "WINDOW MANAGER POLICY STATE (dumpsys window policy)\n"
        f"    KeyguardServiceDelegate\n      showing={showing}\n"
        f"    mAwake={str(state.awake).lower()}\n\n"
        "WINDOW MANAGER WINDOWS (dumpsys window windows)\n"
        f"  mCurrentFocus=Window{{5f3c1d2 {user} {title}}}\n"
        f"  mFocusedApp=ActivityRecord{{8a91c44 {user} {page.component} t217}}\n\n"
        "  KeyguardController:\n"
        f"    mKeyguardShowing={showing}\n    mAodShowing={str(not state.awake).lower()}\n"
        "    mKeyguardGoingAway=false\n"
    )


def _power(phone: Phone) -> str:
    awake = phone.state.awake
    return (
        "POWER MANAGER (dumpsys power)\n\nPower Manager State:\n"
        f"  mWakefulness={'Awake' if awake else 'Asleep'}\n  mWakefulnessChanging=false\n"
        f"  mIsPowered={str(phone.state.charging).lower()}\n  mBatteryLevel={phone.state.battery}\n"
        f"Display Power: state={'ON' if awake else 'OFF'}\n"
    )


def _connectivity(phone: Phone) -> str:
    if not phone.state.network:
        return "Active default network: none\n\nCurrent Networks:\n"
    return (
        "Active default network: 117\n\nCurrent Networks:\n"
        "  NetworkAgentInfo{network{117}  handle{506806140941}  ni{WIFI CONNECTED extra: } created=2025-01-01 "
        "Score(60 ; KeepConnected : 0 ; Policies : EVER_VALIDATED&IS_VALIDATED) lp{{InterfaceName: wlan0}} "
        "nc{[ Transports: WIFI Capabilities: NOT_METERED&INTERNET&NOT_RESTRICTED&TRUSTED&NOT_VPN&VALIDATED ]}}\n"
    )


def _wifi(phone: Phone) -> str:
    connected = phone.state.network
    return f"Wi-Fi is {'enabled' if connected else 'disabled'}\nmNetworkInfo [type: WIFI, state: {'CONNECTED/CONNECTED' if connected else 'DISCONNECTED/DISCONNECTED'}]\n"


def _telephony(phone: Phone) -> str:
    sim = phone.state.sim
    return (
        "last known state:\n  Phone Id=0\n    mCallState=0\n"
        f"    mServiceState={{mVoiceRegState={0 if sim else 1}({'IN_SERVICE' if sim else 'OUT_OF_SERVICE'})}}\n"
        f"    mDataConnectionState={2 if sim else 0}\n"
    )


def package(phone: Phone, name: str) -> str:
    """What is known of one app, and below it what an update has hidden."""
    known, original = phone.packages.get(name), phone.rom.packages.get(name)
    if known is None or original is None:
        return f"Unable to find package: {name}\n"
    hidden = f"\nHidden system packages:\n{_package(phone, name, original)}" if known != original else ""
    return (
        f"Activity Resolver Table:\n  Non-Data Actions:\n      android.intent.action.MAIN:\n"
        f"        5d1c3f2 {name}/.MainActivity filter 9a0b4c3\n\n"
        f"Key Set Manager:\n  [{name}]\n      Signing KeySets: 1\n\n"
        f"Packages:\n{_package(phone, name, known)}{hidden}\nQueries:\n  system apps queryable: false\n"
    )


def _package(phone: Phone, name: str, known: Package) -> str:
    splits = ["base", *(f"config.{language.partition('-')[0]}" for language in known.splits)]
    folder = known.apk.rpartition("/")[0]
    return (
        f"  Package [{name}] (3e1a2b4):\n    userId=10113\n    pkg=Package{{8c5d9e1 {name}}}\n"
        f"    codePath={folder}\n    resourcePath={folder}\n    primaryCpuAbi=arm64-v8a\n"
        f"    versionCode={known.version} minSdk={min(31, phone.rom.sdk)} targetSdk={min(34, phone.rom.sdk)}\n"
        f"    versionName={known.version}\n"
        f"    splits=[{', '.join(splits if phone.state.splits else splits[:1])}]\n"
        f"    timeStamp={known.updated}\n    firstInstallTime=2009-01-01 00:00:00\n    lastUpdateTime={known.updated}\n"
        "    User 0: ceDataInode=1 installed=true hidden=false suspended=false stopped=false enabled=0\n"
    )


def _activity(phone: Phone) -> str:
    page = next(o.screen for o in reversed(phone.flow.stack) if o.screen.kind != "dialog")
    record = f"ActivityRecord{{8a91c44 u{phone.state.user} {page.component} t217}}"
    return f"ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\n  topResumedActivity={record}\n  ResumedActivity: {record}\n"


def _display(phone: Phone) -> str:
    metrics, turned = phone.flow.metrics, phone.flow.rotation
    frame = f"Rect(0, 0 - {metrics.width}, {metrics.height})"
    return (
        "DISPLAY MANAGER (dumpsys display)\n"
        "  mViewports=[DisplayViewport{type=INTERNAL, valid=true, isActive=true, displayId=0, "
        f"uniqueId='local:4630946', physicalPort=0, orientation={turned}, logicalFrame={frame}, "
        f"physicalFrame={frame}, deviceWidth={metrics.width}, deviceHeight={metrics.height}}}]\n"
    )


def _accessibility(phone: Phone) -> str:
    """As AOSP's AccessibilityManagerService and UiAutomationManager print it."""
    reader = (
        "\nUi Automation[eventTypes=TYPES_ALL_MASK, notificationTimeout=0]\n"
        if phone.state.reader_taken
        else ""
    )
    return (
        "ACCESSIBILITY MANAGER (dumpsys accessibility)\n\ncurrentUserId=0\n"
        "User state[\n     attributes:{id=0, touchExplorationEnabled=false, serviceHandlesDoubleTap=false}\n"
        f"     Bound services:{{}}\n     Enabled services:{{}}\n     Binding services:{{}}\n]\n{reader}"
    )


def _device_policy(phone: Phone) -> str:
    """As AOSP's Owners prints them, from Android 11 on."""
    state = phone.state
    owners = ""
    if state.device_owner:
        owners += f"  Device Owner: \n{_owner(state.device_owner)}    User ID: 0\n\n"
    if state.work_profile:
        owners += f"  Profile Owner (User 10): \n{_owner(state.work_profile)}\n"
    return f"Current Device Policy Manager state:\n{owners}  Encryption Status: per-user\n"


def _owner(package: str) -> str:
    return (
        f"    admin=ComponentInfo{{{package}/{package}.DeviceAdminReceiver}}\n    package={package}\n"
        "    isOrganizationOwnedDevice=false\n"
    )


def _user(phone: Phone) -> str:
    """As AOSP's UserManagerService prints it from Android 7 on; the second space is user 10, a work profile 11."""
    state = phone.state
    rules = "".join(f"      {rule}\n" for rule in state.forbidden)
    blocks = [(0, "Owner:4c13", rules)]
    blocks += [(10, "security space:10", "")] if not state.main_user else []
    blocks += [(11, "Work profile:1030", "      no_wallpaper\n")] if state.work_profile else []
    users = "".join(
        f"  UserInfo{{{number}:{name}}} serialNo={number}\n    State: RUNNING_UNLOCKED\n    Restrictions:\n      none\n"
        f"    Device policy restrictions:\n{own or '      none' + chr(10)}"
        f"    Effective restrictions:\n{own or '      none' + chr(10)}"
        for number, name, own in blocks
    )
    return f"Current user: {state.user}\nUsers:\n{users}\n  Guest restrictions:\n    no_sms\n    no_factory_reset\n"


SERVICES: Mapping[str, Callable[[Phone], str]] = {
    "accessibility": _accessibility,
    "account": _account,
    "activity": _activity,
    "battery": _battery,
    "connectivity": _connectivity,
    "device_policy": _device_policy,
    "display": _display,
    "power": _power,
    "telephony.registry": _telephony,
    "user": _user,
    "wifi": _wifi,
    "window": _window,
}
