/* macOS's files of the agent, of the library and of the command by names of their own, beside Linux's: what
 * they take from macOS is played here. */
#ifndef PINSHIM_TESTS_UNIT_MACOS_NAMES_H
#define PINSHIM_TESTS_UNIT_MACOS_NAMES_H

#define agent_link_ask        macos_agent_link_ask
#define agent_link_open       macos_agent_link_open
#define agent_socket_connect  macos_agent_socket_connect
#define agent_socket_is_roots macos_agent_socket_is_roots
#define agent_socket_open     macos_agent_socket_open
#define agent_socket_receive  macos_agent_socket_receive
#define agent_socket_send     macos_agent_socket_send
#define agent_socket_tell     macos_agent_socket_tell
#define agent_socket_wait     macos_agent_socket_wait
#define ask_is_refresh        macos_ask_is_refresh
#define asker_answer          macos_asker_answer
#define asker_release         macos_asker_release
#define askers_accept         macos_askers_accept
#define askers_answer_all     macos_askers_answer_all
#define askers_begin          macos_askers_begin
#define askers_expire         macos_askers_expire
#define askers_read           macos_askers_read
#define body_free             macos_body_free
#define body_is_fit           macos_body_is_fit
#define body_new              macos_body_new
#define body_read             macos_body_read
#define body_seal             macos_body_seal
#define event_source_begin    macos_event_source_begin
#define event_source_expire   macos_event_source_expire
#define event_source_list     macos_event_source_list
#define event_source_next     macos_event_source_next
#define link_etag_is_fine     macos_link_etag_is_fine
#define link_pair             macos_link_pair
#define link_receive          macos_link_receive
#define link_send             macos_link_send
#define link_socket_pair      macos_link_socket_pair
#define link_socket_receive   macos_link_socket_receive
#define link_socket_send      macos_link_socket_send
#define packet_answer         macos_packet_answer
#define packet_read           macos_packet_read
#define signals_open          macos_signals_open
#define signals_take          macos_signals_take

#define AGENT_FOLDER "." /* a test's */

#include <sys/socket.h>
#include <sys/types.h>

enum { SO_NOSIGPIPE = SO_KEEPALIVE /* it changes nothing here */ };

static inline int getpeereid(int fd, uid_t *user, gid_t *group)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    const int result = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    *user = peer.uid;
    *group = peer.gid;
    return result;
}

#endif
