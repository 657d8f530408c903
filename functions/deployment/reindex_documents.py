"""For an operator: one step of building the index in OpenSearch anew"""

from cgraph.core.worker import command_handler
from cgraph.search.reindex import ReindexCommand, reindex_documents

handler = command_handler(reindex_documents, command=ReindexCommand)
