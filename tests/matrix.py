"""The table of ``test_permission_matrix``: address, method, and the status for each of its ``PEOPLE`` in order.

302 sends somebody to sign in (pages), 401 says so to programs; 404 is what lies outside, 403 what one has no post for;
409 and 422 are past the door: the right is there, the state or the (empty) form is not.
"""

ROWS = """
# columns: anonymous requester worker sibling | staff dispatcher handler official |
#          foreign admin foreign_admin platform | security auditor
# platform
healthz                            GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
help:chapter                       GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
help:index                         GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
ui-gallery                         GET   404 404 404 404 404 404 404 404 404 404 404 404 404 404
ui-mode                            GET   302 302 302 302 302 302 302 302 302 302 302 302 302 302
# signing in
accounts:change_password           GET   302 302 200 200 200 200 200 200 404 200 404 302 200 200
accounts:change_password           POST  302 302 422 422 422 422 422 422 404 422 404 302 422 422
accounts:choose_district           GET   302 302 200 200 200 200 200 200 200 200 200 200 200 200
accounts:choose_district           POST  302 302 200 200 200 200 200 200 200 200 200 200 200 200
accounts:home                      GET   302 302 302 302 302 302 302 302 404 302 404 302 200 200
accounts:invitation                GET   404 404 404 404 404 404 404 404 404 404 404 404 404 404
accounts:invitation                POST  404 404 404 404 404 404 404 404 404 404 404 404 404 404
accounts:sign_in                   GET   200 200 302 302 302 302 302 302 200 302 200 200 302 302
accounts:sign_in                   POST  200 200 200 200 200 200 200 200 200 200 200 200 200 200
accounts:sign_out                  POST  302 302 302 302 302 302 302 302 302 302 302 302 302 302
# administration
admin:*                            GET   302 302 302 302 302 302 302 302 302 302 302 200 302 302
# api, reading and the requester's side (the proof stands in the body)
api:areas                          GET   401 401 200 200 200 200 200 200 401 200 401 401 200 200
api:buildings                      GET   401 401 200 200 200 200 200 200 401 200 401 401 200 200
api:categories                     GET   401 401 200 200 200 200 200 200 401 200 401 401 200 200
api:docs                           GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
api:me                             GET   401 401 200 200 200 200 200 200 401 200 401 401 200 200
api:organizations                  GET   401 401 200 200 200 200 200 200 401 200 401 401 200 200
api:photo                          GET   401 401 200 404 200 200 404 200 401 404 401 401 404 404
api:public-ticket                  POST  200 200 200 200 200 200 200 200 200 200 200 200 200 200
api:public-ticket-rate             POST  409 409 409 409 409 409 409 409 409 409 409 409 409 409
api:public-ticket-reopen           POST  409 409 409 409 409 409 409 409 409 409 409 409 409 409
api:public-ticket-withdraw         POST  200 200 200 200 200 200 200 200 200 200 200 200 200 200
api:public-tickets                 POST  201 201 201 201 201 201 201 201 201 201 201 201 201 201
api:schema                         GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
api:ticket                         GET   401 401 200 404 200 200 404 200 401 404 401 401 404 404
api:tickets                        GET   401 401 200 200 200 200 200 200 401 200 401 401 200 200
api:tickets                        POST  401 401 201 201 201 201 201 403 401 403 401 401 403 403
api:unknown                        GET   404 404 404 404 404 404 404 404 404 404 404 404 404 404
api:unknown                        POST  404 404 404 404 404 404 404 404 404 404 404 404 404 404
# api, the moves of staff: 401 first, then 404 outside, 403 without the right, 409 in the wrong state
api:ticket-accept                  POST  401 401 403 404 409 409 404 403 401 404 401 401 404 404
api:ticket-archive                 POST  401 401 403 404 403 409 404 403 401 404 401 401 404 404
api:ticket-assign                  POST  401 401 403 404 403 403 404 403 401 404 401 401 404 404
api:ticket-classify                POST  401 401 200 404 200 200 404 403 401 404 401 401 404 404
api:ticket-close                   POST  401 401 403 404 403 409 404 403 401 404 401 401 404 404
api:ticket-contact                 POST  401 401 409 404 403 403 404 403 401 404 401 401 404 404
api:ticket-dispatch                POST  401 401 403 404 200 200 404 403 401 404 401 401 404 404
api:ticket-escalate                POST  401 401 200 404 403 403 404 403 401 404 401 401 404 404
api:ticket-reject                  POST  401 401 403 404 409 409 404 403 401 404 401 401 404 404
api:ticket-relocate                POST  401 401 403 404 409 409 404 403 401 404 401 401 404 404
api:ticket-reopen                  POST  401 401 403 404 403 409 404 403 401 404 401 401 404 404
api:ticket-resolve                 POST  401 401 409 404 403 403 404 403 401 404 401 401 404 404
api:ticket-return-visit            POST  401 401 403 404 409 409 404 403 401 404 401 401 404 404
api:ticket-rework                  POST  401 401 409 404 409 409 404 403 401 404 401 401 404 404
api:ticket-sign                    POST  401 401 200 404 403 403 404 403 401 404 401 401 404 404
api:ticket-solve-on-site           POST  401 401 200 404 403 403 404 403 401 404 401 401 404 404
api:ticket-verify                  POST  401 401 409 404 409 409 404 403 401 404 401 401 404 404
# official
board:home                         GET   302 302 403 403 403 403 403 200 404 403 404 302 403 403
board:rows                         GET   302 302 403 403 403 403 403 200 404 403 404 302 403 403
board:trend                        GET   302 302 403 403 403 403 403 200 404 403 404 302 403 403
board:events                       GET   302 302 403 403 403 403 403 200 404 403 404 302 403 403
# the platform's administrator; the first account is made once, while there is none
setup:districts                    GET   302 302 404 404 404 404 404 404 404 404 404 200 404 404
setup:first                        GET   404 404 404 404 404 404 404 404 404 404 404 404 404 404
setup:first                        POST  404 404 404 404 404 404 404 404 404 404 404 404 404 404
setup:new                          GET   302 302 404 404 404 404 404 404 404 404 404 200 404 404
setup:new                          POST  302 302 404 404 404 404 404 404 404 404 404 422 404 404
# the district's administrator
manage:home                        GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:organizations               GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:organization_new            GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:organization_new            POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:vacancies                   GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:organization                GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:organization_edit           GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:organization_edit           POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:organization_end            GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:organization_end            POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:post_new                    GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:post_new                    POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:post_rename                 GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:post_rename                 POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:post_end                    GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:post_end                    POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:post_assign                 GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:post_assign                 POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:assignment_end              GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:assignment_end              POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:people                      GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_new                  GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_new                  POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:person                      GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_invite               GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_invite               POST  302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_cancel_invitation    GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_cancel_invitation    POST  302 302 403 403 403 403 403 403 404 302 404 302 403 403
manage:person_deactivate           GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_deactivate           POST  302 302 403 403 403 403 403 403 404 302 404 302 403 403
manage:person_reactivate           GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_reactivate           POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:person_leave                GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:person_leave                POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:absence_new                 GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:absence_new                 POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:absence_end                 GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:absence_end                 POST  302 302 403 403 403 403 403 403 404 302 404 302 403 403
manage:entry                       GET   302 302 403 403 403 403 403 403 404 200 404 302 200 403
manage:entry                       POST  302 302 403 403 403 403 403 403 404 422 404 302 422 403
manage:feedback                    GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:feedback_item               GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:feedback_item               POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:new_entry                   GET   302 302 403 403 403 403 403 403 404 200 404 302 200 403
manage:new_entry                   POST  302 302 403 403 403 403 403 403 404 422 404 302 422 403
manage:register                    GET   302 302 403 403 403 403 403 403 404 200 404 302 200 403
manage:registers                   GET   302 302 403 403 403 403 403 403 404 200 404 302 200 403
manage:text                        GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:text                        POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:texts                       GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:calendar                    GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:calendar                    POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:path                        GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:path                        POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:policy                      GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:policy                      POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:remove_day                  POST  302 302 403 403 403 403 403 403 404 302 404 302 403 403
manage:categories                  GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:category                    GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:category                    POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:new_category                GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:new_category                POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:phrases                     GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:phrases                     POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:imports                     GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:imports                     POST  302 302 403 403 403 403 403 403 404 422 404 302 403 403
manage:import_template             GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:import                      GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:import_report               GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:import_report_csv           GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:import_start                POST  302 302 403 403 403 403 403 403 404 302 404 302 403 403
manage:import_resume               POST  302 302 403 403 403 403 403 403 404 302 404 302 403 403
manage:import_undo                 GET   302 302 403 403 403 403 403 403 404 200 404 302 403 403
manage:import_undo_now             POST  302 302 403 403 403 403 403 403 404 302 404 302 403 403
# desk
desk:hints                         POST  302 302 403 403 200 200 200 403 404 403 404 302 403 403
desk:inbox                         GET   302 302 403 403 200 200 200 200 404 403 404 302 403 403
desk:move                          GET   302 302 200 404 403 403 404 403 404 404 404 302 404 404
desk:move                          POST  302 302 302 404 403 403 404 403 404 404 404 302 404 404
desk:new                           GET   302 302 403 403 200 200 200 403 404 403 404 302 403 403
desk:new                           POST  302 302 403 403 422 422 422 403 404 403 404 302 403 403
desk:notices                       GET   302 302 200 200 200 200 200 200 404 200 404 302 200 200
desk:places                        GET   302 302 200 200 200 200 200 200 404 200 404 302 200 200
desk:read_notices                  POST  302 302 302 302 302 302 302 302 404 302 404 302 302 302
desk:recorded                      GET   302 302 403 403 302 302 302 403 404 403 404 302 403 403
desk:reveal                        GET   302 302 200 404 200 200 404 403 404 404 404 302 404 404
desk:reveal                        POST  302 302 422 404 422 422 404 403 404 404 404 302 404 404
desk:ticket                        GET   302 302 200 404 200 200 404 200 404 404 404 302 404 404
# resident: only who proved the ticket in this browser
resident:attachment                GET   404 200 200 404 200 200 404 200 404 404 404 404 404 404
resident:attachment_thumbnail      GET   404 200 200 404 200 200 404 200 404 404 404 404 404 404
resident:consent                   GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:done                      GET   404 200 404 404 404 404 404 404 404 404 404 404 404 404
resident:explain                   POST  404 302 404 404 404 404 404 404 404 404 404 404 404 404
resident:feedback                  GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:feedback                  POST  422 422 422 422 422 422 422 422 422 422 422 422 422 422
resident:feedback_answer           GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:feedback_answer           POST  422 422 422 422 422 422 422 422 422 422 422 422 422 422
resident:home                      GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:privacy                   GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:rate                      POST  404 302 404 404 404 404 404 404 404 404 404 404 404 404
resident:reopen                    GET   404 200 404 404 404 404 404 404 404 404 404 404 404 404
resident:reopen                    POST  404 422 404 404 404 404 404 404 404 404 404 404 404 404
resident:report                    GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:report                    POST  422 422 422 422 422 422 422 422 422 422 422 422 422 422
resident:report_buildings          POST  200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:report_hints              POST  200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:report_places             POST  200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:ticket                    GET   404 200 404 404 404 404 404 404 404 404 404 404 404 404
resident:track                     GET   200 200 200 200 200 200 200 200 200 200 200 200 200 200
resident:track                     POST  422 422 422 422 422 422 422 422 422 422 422 422 422 422
resident:withdraw                  GET   404 200 404 404 404 404 404 404 404 404 404 404 404 404
resident:withdraw                  POST  404 422 404 404 404 404 404 404 404 404 404 404 404 404
# grid worker's phone
worker:guess                       POST  302 302 200 200 403 403 403 403 404 403 404 302 403 403
worker:home                        GET   302 302 200 200 403 403 403 403 404 403 404 302 403 403
worker:me                          GET   302 302 200 200 403 403 403 403 404 403 404 302 403 403
worker:move                        GET   302 302 200 404 403 403 403 403 404 403 404 302 403 403
worker:move                        POST  302 302 302 404 403 403 403 403 404 403 404 302 403 403
worker:notices                     GET   302 302 200 200 403 403 403 403 404 403 404 302 403 403
worker:open_notice                 POST  302 302 302 302 403 403 403 403 404 403 404 302 403 403
worker:phone                       POST  302 302 422 404 403 403 403 403 404 403 404 302 403 403
worker:read_all                    POST  302 302 302 302 403 403 403 403 404 403 404 302 403 403
worker:report                      GET   302 302 200 200 403 403 403 403 404 403 404 302 403 403
worker:report                      POST  302 302 422 422 403 403 403 403 404 403 404 302 403 403
worker:ticket                      GET   302 302 200 404 403 403 403 403 404 403 404 302 403 403
worker:tickets                     GET   302 302 200 200 403 403 403 403 404 403 404 302 403 403
"""
