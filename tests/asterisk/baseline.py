"""The least configuration with which an Asterisk boots as ours does: the modules of the product, on loopback.

It stands in for what the product renders. May import: the standard library, tests.asterisk.
"""

from tests.asterisk.ports import Ports

MODULES = """
    res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_musiconhold
    res_clioriginate res_manager_devicestate pbx_config
    res_crypto res_srtp res_rtp_asterisk
    res_pjproject res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_logger res_pjsip_nat
    res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest
    res_pjsip_registrar res_pjsip_outbound_registration res_pjsip_outbound_publish
    res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_ip
    res_pjsip_acl res_pjsip_caller_id res_pjsip_diversion res_pjsip_rfc3326 res_pjsip_header_funcs
    res_pjsip_dtmf_info res_pjsip_refer res_pjsip_pubsub res_pjsip_exten_state
    res_pjsip_dialog_info_body_generator res_pjsip_pidf_body_generator
    res_pjsip_mwi_body_generator res_pjsip_mwi chan_pjsip
    res_http_websocket res_websocket_client chan_websocket res_curl func_curl
    bridge_simple bridge_softmix bridge_holding bridge_native_rtp bridge_builtin_features
    codec_ulaw codec_alaw codec_a_mu codec_g722 codec_resample codec_gsm
    format_pcm format_wav format_sln format_gsm
    app_dial app_playback app_playtones app_echo app_verbose app_stack app_voicemail app_mixmonitor app_record
    app_transfer app_read app_bridgewait app_userevent app_senddtmf app_originate app_chanspy
    func_callerid func_channel func_cut func_db func_devstate func_extstate func_global func_groupcount
    func_hangupcause func_logic func_periodic_hook func_pjsip_aor func_pjsip_contact func_pjsip_endpoint
    func_strings func_timeout func_uri
"""
"""In this order: some need those before them."""

EMPTY = ("acl", "ccss", "cdr", "cel", "codecs", "dsp", "features", "pjproject", "stasis", "udptl")
"""Files that are missed when they are not there, and have nothing to say."""


_INDICATIONS = """
[general]
country = us
[us]
description = US
ringcadence = 2000,4000
dial = 350+440
busy = 480+620/500,0/500
ring = 440+480/2000,0/4000
congestion = 480+620/250,0/250
"""


def baseline(ports: Ports) -> dict[str, str]:
    """Files for /etc/asterisk, by name. Nobody may call yet: add to `pjsip.conf` and `extensions.conf`."""
    return {name + ".conf": "" for name in EMPTY} | {
        "asterisk.conf": "[options]\ndocumentation_language = en_US\n",
        "chan_websocket.conf": "[global]\ntype = global\ncontrol_message_format = json\n",
        "extensions.conf": "[globals]\n",
        "http.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {ports.http}\n",
        "indications.conf": _INDICATIONS,
        "logger.conf": "[general]\ndateformat = %F %T.%3q\n[logfiles]\n"
        "messages.log => notice,warning,error,verbose(3)\n",
        "manager.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {ports.ami}\n",
        "modules.conf": "[modules]\nautoload = no\n"
        + "".join(f"load = {name}.so\n" for name in MODULES.split()),
        "musiconhold.conf": "[default]\nmode = playlist\nentry = /usr/share/asterisk/sounds/en/vm-intro\n",
        "pjsip.conf": f"[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{ports.sip}\n",
        "rtp.conf": f"[general]\nrtpstart = {ports.rtp[0]}\nrtpend = {ports.rtp[-1]}\nicesupport = no\n",
        "voicemail.conf": "[general]\nformat = wav\n",
        "websocket_client.conf": "",
    }
